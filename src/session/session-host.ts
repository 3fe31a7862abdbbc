import type { Logger } from 'pino';
import { isStorable } from '../delivery/stored-event.ts';
import type { ContactId, Event, Host, Language, Memory } from '../plugin/index.ts';
import type { SessionEvents, UserSession } from './user-session.ts';

/** What the gateway's session of one user is given. It has little of its own, for there are thousands. */
export class SessionHost implements Host {
  readonly #session: UserSession;
  readonly #events: SessionEvents;

  constructor(session: UserSession, events: SessionEvents) {
    this.#session = session;
    this.#events = events;
  }

  get log(): Logger {
    return this.#session.log;
  }

  get language(): Language {
    return this.#session.language;
  }

  get memory(): Memory {
    const { user, domain } = this.#session;
    return domain.store.memory.of(domain.domain, user.bare);
  }

  get user(): string {
    return this.#session.user.bare;
  }

  get staysConnected(): boolean {
    return this.#session.staysConnected;
  }

  get watched(): Iterable<ContactId> {
    return this.#session.watched();
  }

  emit(event: Event): Promise<void> | undefined {
    const { watch, inbox, mailbox } = this.#session;
    if (event.kind !== 'network' || event.state === 'online') watch.proven();
    if (inbox !== undefined && isStorable(event)) return inbox.take(event);
    mailbox.post(() => this.#events.event(this.#session, event), event.kind);
    return mailbox.drained;
  }
}
