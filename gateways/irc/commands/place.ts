import { NetworkError } from '../../../src/plugin/index.ts';
import type { CommandRequest, CommandResult, Session } from '../../../src/plugin/index.ts';
import { IrcSession } from '../session.ts';

/** The session of the user who asks. */
export function sessionOf(session: Session): IrcSession {
  if (session instanceof IrcSession) return session;
  throw new NetworkError('unsupported', 'That is no session of IRC.');
}

/** The server, nick or channel that something is asked of. */
export function idOf({ address }: CommandRequest): string {
  if (address !== undefined) return address.id;
  throw new NetworkError('invalid', 'Ask that of a server.');
}

export const failed = (text: string): CommandResult => ({ text, isFailed: true });
