import { NetworkError } from '../../../src/plugin/index.ts';
import type { CommandRequest } from '../../../src/plugin/index.ts';
import { EmailSession } from '../session.ts';
import { texts } from '../texts.ts';

/** The session that a command is asked of. @throws NetworkError credentials, for somebody who has none */
export function sessionOf({ language, session }: CommandRequest): EmailSession {
  if (session instanceof EmailSession) return session;
  throw new NetworkError('credentials', texts(language).registerFirst);
}
