import type { ContactId } from '../plugin/index.ts';
import type { UserSession } from '../session/user-session.ts';

export interface Way {
  /** The JID of the other one in the room. */
  readonly from: string;
  /** The user's resources in the room. */
  readonly to: readonly string[];
}

/** Where an answer comes from when the user wrote to the contact by way of a room, and both are still in it. */
export function whisperWay(session: UserSession, contact: ContactId): Way | undefined {
  const known = session.whispers.get(contact);
  if (known === undefined) return undefined;
  const room = session.rooms.get(known.room);
  if (room === undefined || room.resources.size === 0) return undefined;
  if (room.members.get(known.nick)?.contact !== contact) return undefined;
  const from = session.domain.occupantJid(room.jid, known.nick);
  return { from, to: [...room.resources.keys()] };
}
