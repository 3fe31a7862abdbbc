import type { RoomMessageEvent } from '../../src/plugin/index.ts';
import type { Channel } from './channel.ts';
import type { ServerLink } from './server-link.ts';

/** On one connection, of all channels together. */
const MOST_MESSAGES = 2_000;

/** What was said before in a channel that the user has not come into. */
export interface Unheard {
  readonly channel: Channel;
  readonly event: RoomMessageEvent;
}

/**
 * A bouncer puts the user into all of its channels at once, and tells, and forgets, what was said in them. Of those that she
 * comes into later it is kept for her.
 */
export function keepUnheard(link: ServerLink, channel: Channel, event: RoomMessageEvent): void {
  link.unheard ??= [];
  link.unheard.push({ channel, event });
  if (link.unheard.length > MOST_MESSAGES) link.unheard.shift();
}

/** She comes into it now. */
export function tellUnheard(link: ServerLink, channel: Channel): void {
  channel.isUnasked = false;
  const { unheard = [] } = link;
  const rest = unheard.filter((one) => one.channel !== channel);
  link.unheard = rest.length === 0 ? undefined : rest;
  for (const one of unheard) if (one.channel === channel) link.emit(one.event);
}
