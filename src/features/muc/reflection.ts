import type { MessageId } from '../../plugin/index.ts';
import type { Output } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement, XmlNode } from '../../xml/element.ts';
import { isOfRoom, roomMessage } from './room-message.ts';

export interface Reflected {
  readonly stanzaId?: string | undefined;
  readonly networkId?: MessageId | undefined;
  readonly isKept?: boolean;
}

/** XEP-0045 §7.4: all of the user's resources get back what she said, with its id. */
export function reflection(
  session: UserSession,
  room: Room,
  stanza: XmlElement,
  { stanzaId, networkId, isKept = true }: Reflected = {},
): Output {
  const { children } = stanza;
  const isForged = (node: XmlNode): boolean => isOfRoom(node, room);
  return roomMessage(session, room, {
    nick: room.nick,
    id: stanza.attributes['id'],
    language: stanza.attributes['xml:lang'],
    children: children.some(isForged) ? children.filter((node) => !isForged(node)) : children,
    stanzaId,
    networkId,
    isKept,
  });
}
