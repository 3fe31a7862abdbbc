import type { MessageId } from '../../plugin/index.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement, XmlNode } from '../../xml/element.ts';
import { isElement, verbatim } from '../../xml/element.ts';
import { escapeAttribute, escapeText } from '../../xml/escape.ts';
import { serialize } from '../../xml/serialize.ts';
import { delayElement } from '../../xmpp/delay.ts';
import { parseJid } from '../../xmpp/jid.ts';
import {
  NS_CLIENT,
  NS_DELAY,
  NS_MUC_USER,
  NS_OCCUPANT_ID,
  NS_STANZA_ID,
} from '../../xmpp/namespaces.ts';

/** Something that is said in a room, by the user or by another. */
export interface RoomMessage {
  /** The `id` attribute of the stanza. */
  readonly id: string | undefined;
  /** What the `xml:lang` attribute says. */
  readonly language?: string | undefined;
  /** Absent when the room itself speaks. */
  readonly nick?: string | undefined;
  /** As the network tells it with the message; for a member, what is known of her counts. */
  readonly identity?: string | undefined;
  /** As `session.domain.store.stanzaIds` makes it; made now when it is absent. */
  readonly stanzaId?: string | undefined;
  readonly networkId?: MessageId | undefined;
  /** When it was said, if not just now. */
  readonly at?: Date | undefined;
  /** Without what the room adds: see {@link isOfRoom}. */
  readonly children: readonly XmlNode[];
  /** `false` for what is not worth to be kept: chat states, for instance. */
  readonly isKept?: boolean;
}

/**
 * XEP-0045 §7.4: what is said, for each of the user's resources in the room, with the stanza id and the occupant id that it
 * has for good (XEP-0359, XEP-0421). It goes into the archive under the same ids.
 */
export function roomMessage(
  session: UserSession,
  room: Room,
  message: RoomMessage,
): readonly XmlElement[] {
  const { nick, id, at, children } = message;
  const { domain } = session;
  const stanzaId = message.stanzaId ?? domain.store.stanzaIds.next();
  const occupantId = nick === undefined ? '' : occupantIdOf(room, nick, message.identity);
  if (message.isKept !== false) {
    const now = domain.now();
    room.archive?.add({
      stanzaId,
      at: at === undefined ? now : Math.min(at.getTime(), now),
      nick: nick ?? '',
      occupantId,
      messageId: id ?? '',
      networkId: message.networkId ?? '',
      content: contentOf(children),
    });
  }
  if (room.resources.size === 0) return NOTHING;
  const from = nick === undefined ? room.jid : domain.occupantJid(room.jid, nick);
  const ids = verbatim(idsOf(room, message, stanzaId, occupantId));
  // Most users have one client: lists that grow take room for more than they will ever hold.
  const all = children.concat(at === undefined ? ids : [ids, delayElement(at, room.jid)]);
  let stanzas: XmlElement[] | undefined;
  for (const to of room.resources.keys()) {
    const attributes = attributesOf(from, to, message);
    const stanza = { name: 'message', namespace: NS_CLIENT, attributes, children: all };
    if (stanzas === undefined) stanzas = [stanza];
    else stanzas.push(stanza);
  }
  return stanzas ?? NOTHING;
}

function attributesOf(
  from: string,
  to: string,
  { id, language }: RoomMessage,
): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = { from, to, type: 'groupchat' };
  if (id !== undefined) attributes['id'] = id;
  if (language !== undefined) attributes['xml:lang'] = language;
  return attributes;
}

const NOTHING: readonly XmlElement[] = [];
const STANZA_ID = `<stanza-id xmlns='${NS_STANZA_ID}' id='`;
const OCCUPANT_ID = `<occupant-id xmlns='${NS_OCCUPANT_ID}' id='`;

/** The ids that the room gives a message, as text: there is hardly a stanza more frequent. */
function idsOf(
  room: Room,
  { nick, isKept }: RoomMessage,
  stanzaId: string,
  occupantId: string,
): string {
  // The id is a promise that the archive has the message (XEP-0313 §5.1.3).
  let text = '';
  if (isKept !== false) text += `${STANZA_ID + stanzaId}' by='${escapeAttribute(room.jid)}'/>`;
  return nick === undefined ? text : `${text + OCCUPANT_ID + occupantId}'/>`;
}

/** Tells what only this room may say of a message, so that it is not taken from a user (XEP-0359 §5, XEP-0421 §4). */
export function isOfRoom(node: XmlNode, room: Room): boolean {
  if (typeof node === 'string') return true;
  const { attributes } = node;
  return (
    isElement(node, 'x', NS_MUC_USER) ||
    isElement(node, 'occupant-id', NS_OCCUPANT_ID) ||
    (isElement(node, 'stanza-id', NS_STANZA_ID) && isSameJid(attributes['by'], room.jid)) ||
    (isElement(node, 'delay', NS_DELAY) && isSameJid(attributes['from'], room.jid))
  );
}

function isSameJid(one: string | undefined, other: string): boolean {
  return parseJid(one ?? '')?.full === parseJid(other)?.full;
}

export function stanzaIdElement(id: string, by: string): XmlElement {
  return { name: 'stanza-id', namespace: NS_STANZA_ID, attributes: { id, by }, children: [] };
}

export function occupantIdElement(id: string): XmlElement {
  return { name: 'occupant-id', namespace: NS_OCCUPANT_ID, attributes: { id }, children: [] };
}

/** The occupant id of somebody who is there, or was. */
export function occupantIdOf(room: Room, nick: string, identity?: string): string {
  return room.occupantIds.of(nick, room.members.get(nick)?.identity ?? identity);
}

/** What the archive keeps: XML as it stands in a stanza of `jabber:client`. */
export function contentOf(children: readonly XmlNode[]): string {
  let text = '';
  for (const node of children) {
    text += typeof node === 'string' ? escapeText(node) : serialize(node, NS_CLIENT);
  }
  return text;
}
