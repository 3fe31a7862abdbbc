import type { UserSession } from './user-session.ts';

/** Does a piece of work when the user's mailbox comes to it, and tells what came of it. */
export function inMailbox(
  session: UserSession,
  work: () => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    session.mailbox.post(async () => {
      try {
        await work();
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error('unknown failure', { cause: error }));
      }
      return undefined;
    }, 'dialogue');
  });
}

/** Waits until what is kept of the user has been read. @throws StanzaError when it cannot be */
export async function loaded(session: UserSession): Promise<UserSession> {
  await inMailbox(session, () => (session.isLoaded ? undefined : session.load()));
  return session;
}
