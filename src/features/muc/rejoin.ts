import { NetworkError } from '../../plugin/index.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { askAnew, awaitEntry } from './entry-request.ts';
import { lostFromRoom, roomAnew } from './members.ts';
import { texts } from './texts.ts';

/**
 * Brings the user back into her rooms over a fresh session, after her registration changed or the old session was
 * lost. Rooms that cannot be entered again are left, and she is told why.
 */
export function rejoinRooms(session: UserSession): void {
  if (session.rooms.size === 0) {
    if (session.resources.size > 0) session.network();
    return;
  }
  for (const room of session.rooms.values()) {
    if (room.entry !== undefined) room.entry.askAgain();
    else rejoin(session, room);
  }
}

function rejoin(session: UserSession, room: Room): void {
  room.phase = 'returning';
  awaitEntry(session, room, askAnew(session, room), {
    entered: (state) => roomAnew(session, { room: room.id, state }),
    refused: (error) => {
      const trouble =
        error instanceof NetworkError
          ? error
          : new NetworkError('unreachable', texts(session.language).noReturn);
      return lostFromRoom(session, { room: room.id, returning: false, error: trouble });
    },
  });
}
