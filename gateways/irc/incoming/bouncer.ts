import { NetworkError } from '../../../src/plugin/index.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';

/** COMPAT(ZNC): without a connection it says so in words, in the language that the user has set there, or English. */
const LOST = /^Your message to (\S+) got lost, you are not connected to IRC!$/;

/** What a bouncer could not pass on is refused. @returns whether it was a message of ours, which is then told */
export function isLost(link: ServerLink, { nick }: IrcMessage, text: string): boolean {
  const target = nick === '*status' ? LOST.exec(text)?.[1] : undefined;
  if (target === undefined) return false;
  const error = new NetworkError('unreachable', link.troubles.bouncerAlone);
  return link.sender?.refused(link.fold(target), error) === true;
}

/**
 * COMPAT(Ergo): of the past it also tells who came and went, in the words of a service. To ask for that as what it is
 * (draft/event-playback) would make other servers tell it, too, and leave less room for messages in an answer.
 */
export const isComing = ({ command, prefix }: IrcMessage): boolean =>
  command === 'PRIVMSG' && prefix === 'HistServ!HistServ@localhost';
