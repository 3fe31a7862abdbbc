import type { RoomState } from '../../plugin/index.ts';
import type { Written } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';

/** What there is to do with the network's answer. */
export interface EntryAnswers {
  entered(state: RoomState): Written | Promise<Written>;
  refused(error: unknown): Written;
}

/** Asks the network to let the user into a room. */
export function askIn(
  session: UserSession,
  { id, nick, password }: Pick<Room, 'id' | 'nick' | 'password'>,
): Promise<RoomState> {
  const network = session.network();
  if (network.join === undefined) throw new Error('a gateway with rooms whose session cannot join');
  return network.join(id, { nick, ...(password === undefined ? {} : { password }) });
}

/**
 * Waits for the answer. It counts unless the room was asked for again since, by way of another session for instance, or
 * was left.
 */
export function awaitEntry(
  session: UserSession,
  room: Room,
  joining: Promise<RoomState>,
  answers: EntryAnswers,
): void {
  const entry = { askAgain: () => awaitEntry(session, room, askAnew(session, room), answers) };
  room.entry = entry;
  const settle = (written: () => Written | Promise<Written>): void =>
    session.mailbox.post(() => {
      const isLatest = session.rooms.get(room.id) === room && room.entry === entry;
      return isLatest ? written() : undefined;
    });
  joining.then(
    (state) => settle(() => answers.entered(state)),
    (error: unknown) => settle(() => answers.refused(error)),
  );
}

/** As `askIn`, where nobody waits for what is thrown at once. */
export async function askAnew(session: UserSession, room: Room): Promise<RoomState> {
  return askIn(session, room);
}
