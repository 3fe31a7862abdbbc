import type { ContactId } from '../plugin/index.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_MUC_USER } from '../xmpp/namespaces.ts';
import { occupantIdElement, occupantIdOf } from './muc/room-message.ts';

export interface Way {
  /** The JID of the other one in the room. */
  readonly from: string;
  /** The user's resources in the room. */
  readonly to: readonly string[];
  /** What says in a message that it came this way, and from whom (XEP-0045 §7.5, XEP-0421 §4). */
  readonly marks: readonly XmlElement[];
}

/** Where an answer comes from when the user wrote to the contact by way of a room, and both are still in it. */
export function whisperWay(session: UserSession, contact: ContactId): Way | undefined {
  const known = session.whispers.get(contact);
  if (known === undefined) return undefined;
  const room = session.rooms.get(known.room);
  if (room === undefined || room.resources.size === 0) return undefined;
  if (room.members.get(known.nick)?.contact !== contact) return undefined;
  const from = session.domain.occupantJid(room.jid, known.nick);
  const marks = [xml('x', NS_MUC_USER), occupantIdElement(occupantIdOf(room, known.nick))];
  return { from, to: [...room.resources.keys()], marks };
}
