import type { StoredEvent } from '../delivery/stored-event.ts';
import { recallFor } from '../features/known-messages.ts';
import type { Event } from '../plugin/index.ts';
import type { EventHandlers, Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';

type Handler = (
  session: UserSession,
  event: Event | StoredEvent,
  nextId: () => string,
) => Output | Promise<Output>;

/** Finds the feature that turns an event into stanzas. One feature for each kind. */
export function eventTable(features: readonly Feature[]): Handler {
  let handlers: EventHandlers = {};
  for (const { events } of features) handlers = { ...handlers, ...events };
  return (session, event, nextId) => {
    // The table is keyed by the kind of event that its handlers take, which types cannot say here.
    const handler = handlers[event.kind] as Handler | undefined;
    if (handler === undefined) {
      session.log.warn({ kind: event.kind }, 'nobody here knows this kind of event');
      return undefined;
    }
    const recalling = recallFor(session, event);
    if (recalling === undefined) return handler(session, event, nextId);
    return recalling.then(() => handler(session, event, nextId));
  };
}
