import type { Sessions } from '../../session/sessions.ts';
import type { UserSession } from '../../session/user-session.ts';

/** Those for whom a session with the network is open. */
export function connected(sessions: Sessions): readonly UserSession[] {
  return [...sessions.all()].filter(({ link }) => link.session !== undefined);
}
