import { NetworkError } from '../../../src/plugin/index.ts';
import type { CommandRequest, CommandResult } from '../../../src/plugin/index.ts';
import { IrcSession } from '../session.ts';
import { troubleTexts } from '../trouble-texts.ts';

/** The session of the user who asks. */
export function sessionOf({ session, language }: CommandRequest): IrcSession {
  if (session instanceof IrcSession) return session;
  throw new NetworkError('unsupported', troubleTexts(language).noSession);
}

/** The server, nick or channel that something is asked of. */
export function idOf({ address, language }: CommandRequest): string {
  if (address !== undefined) return address.id;
  throw new NetworkError('invalid', troubleTexts(language).askServer);
}

export const failed = (text: string): CommandResult => ({ text, isFailed: true });
