import type { UserSession } from '../../session/user-session.ts';
import type { Room } from '../../session/room.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { delayElement } from '../../xmpp/delay.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { occupantPresence, ownMember, STATUS } from './occupant-presence.ts';

/** XEP-0045 §7.2: what a resource gets that comes in: the others, itself, history (none is kept), the subject. */
export function roomEntry(
  { domain }: UserSession,
  room: Room,
  to: string,
  wantedNick: string,
): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const member of room.members.values()) {
    if (member.nick !== room.nick) stanzas.push(occupantPresence(domain, room, { member, to }));
  }
  const statuses: string[] = [STATUS.nonAnonymous, STATUS.self];
  if (wantedNick !== room.nick) statuses.push(STATUS.nickAssigned);
  stanzas.push(occupantPresence(domain, room, { member: ownMember(room), to, statuses }));
  stanzas.push(subjectMessage(room, to, domain.occupantJid(room.jid, room.subject?.by ?? '')));
  return stanzas;
}

/** XEP-0045 §7.2.15: a subject is a message without a body; an empty one says that there is none. */
export function subjectMessage(room: Room, to: string, author: string): XmlElement {
  const from = room.subject?.by === undefined ? room.jid : author;
  const at = room.subject?.at;
  return xml('message', NS_CLIENT, { from, to, type: 'groupchat', id: newStanzaId() }, [
    xml('subject', NS_CLIENT, {}, [room.subject?.text ?? '']),
    at === undefined ? undefined : delayElement(at, room.jid),
  ]);
}
