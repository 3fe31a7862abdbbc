import type { Address, ReceiptEvent, SeenEvent } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { KnownMessage, OwnMessage } from '../session/message-ids.ts';
import type { Room } from '../session/room.ts';
import type { UserSession } from '../session/user-session.ts';
import { numberOf } from '../store/archive-ids.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_HINTS, NS_MARKERS } from '../xmpp/namespaces.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import { named, networkIdsOf, referred } from './known-messages.ts';
import { reflection } from './muc/reflection.ts';
import { roomMessage } from './muc/room-message.ts';
import { can, offered } from './place.ts';
import type { Place } from './place.ts';
import { writtenAs } from './privilege.ts';

const STORE = xml('store', NS_HINTS);
const MARKABLE = xml('markable', NS_MARKERS);

/** XEP-0333: how far a chat was read. How far others have read comes as receipts. */
export function markers(domain: GatewayDomain): Feature {
  return { ...offered(domain, 'mark', [NS_MARKERS]), events: { seen: seenElsewhere } };
}

/**
 * The user has read a chat with another program. By the privilege of XEP-0356 §5.3 the marker comes from herself, and her server
 * tells all her clients of it (XEP-0280), as if one of them had sent it. What XEP-0490 wants in its place is the id that her
 * server has given the message, which no component can know.
 */
function seenElsewhere(session: UserSession, { chat, id }: SeenEvent): Output {
  const known = named(session, chat, id);
  if (chat.kind !== 'contact' || known?.id === undefined || known.isOwn) return undefined;
  if (!session.marks.move(markOf(chat), orderOf(known))) return undefined;
  const { domain, user } = session;
  const from = { from: user.bare, to: domain.jidOf(chat), type: 'chat', id: newStanzaId() };
  return writtenAs(domain, user, xml('message', NS_CLIENT, from, [displayed(known.id), STORE]));
}

/** Asks the user's client to tell that she has seen a message, where the network wants to know. */
export function markable(session: UserSession): XmlElement | undefined {
  return can(session, 'mark') ? MARKABLE : undefined;
}

/** The user has seen a message. What is older than the last one she saw, or unknown, is nobody's business. */
export function mark(place: Place, id: string): Output {
  const { session, to, room, stanza } = place;
  if (!can(session, 'mark')) return undefined;
  const known = referred(place, id);
  if (known === undefined || known.isOwn) return undefined;
  if (!session.marks.move(markOf(to), orderOf(known))) return undefined;
  const marked = networkIdsOf(known).then((ids) => {
    const last = ids.at(-1);
    return last === undefined ? undefined : session.network().mark?.(to, last);
  });
  marked.catch((error: unknown) => session.log.debug({ err: error }, 'a mark was not taken'));
  return room === undefined ? undefined : reflection(session, room, stanza, { isKept: false });
}

/** Somebody in a room has seen what was said up to a message (XEP-0333 §5.3). */
export function displayedInRoom(
  session: UserSession,
  room: Room,
  known: KnownMessage,
  { nick }: ReceiptEvent,
): Output {
  if (nick === undefined || known.stanzaId === undefined) return undefined;
  if (!session.marks.move(`room ${room.id}/${nick}`, orderOf(known))) return undefined;
  return roomMessage(session, room, {
    nick,
    id: newStanzaId(),
    children: [displayed(known.stanzaId)],
    isKept: false,
  });
}

/** The latest of the user's messages that were seen and whose sender wants to know. @param seen has the latest first */
export function displayedByContact(
  { user }: UserSession,
  seen: readonly OwnMessage[],
  nextId: () => string,
): XmlElement[] {
  const latest = seen.find(({ isMarkable }) => isMarkable);
  for (const message of seen) message.isMarkable = false;
  if (latest?.id === undefined) return [];
  const { receiver: from, type, id } = latest;
  return [xml('message', NS_CLIENT, { from, to: user.bare, type, id: nextId() }, [displayed(id)])];
}

const markOf = ({ id, kind }: Address): string => `${kind} ${id}`;

function displayed(id: string): XmlElement {
  return xml('displayed', NS_MARKERS, { id });
}

/** In rooms by the room's ids, which rise (see ArchiveIds). */
function orderOf({ chat, stanzaId, order }: KnownMessage): number {
  return chat.kind === 'room' ? (numberOf(stanzaId ?? '') ?? order) : order;
}
