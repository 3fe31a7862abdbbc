import type { Channel } from '../channel.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';

export type Handler = (link: ServerLink, message: IrcMessage) => void;

/** Handlers by command or numeric. */
export type Handlers = ReadonlyMap<string, Handler>;

export const handlers = (table: Readonly<Record<string, Handler>>): Handlers =>
  new Map(Object.entries(table));

/** Most lines are about a channel that we are in, or are about nothing. */
export function channelOf(link: ServerLink, name: string | undefined): Channel | undefined {
  return name === undefined ? undefined : link.channels.named(name);
}
