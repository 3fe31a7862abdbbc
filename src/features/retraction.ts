import type { Language, RetractedEvent } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { Room } from '../session/room.ts';
import type { UserSession } from '../session/user-session.ts';
import { serialize } from '../xml/serialize.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { fallbackElement } from '../xmpp/fallback.ts';
import { NS_CLIENT, NS_FALLBACK, NS_HINTS, NS_MODERATE, NS_RETRACT } from '../xmpp/namespaces.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import { fromContact } from './from-contact.ts';
import { named, networkIdsOf, referred, wrote } from './known-messages.ts';
import { messageTexts } from './message-texts.ts';
import { reflection } from './muc/reflection.ts';
import { occupantIdElement, occupantIdOf, roomMessage } from './muc/room-message.ts';
import { can, offered, settle, trouble } from './place.ts';
import type { Place } from './place.ts';

const NS_TOMBSTONE = `${NS_RETRACT}#tombstone`;

/** XEP-0424: messages taken back by those who wrote them; by moderators from the network's side (XEP-0425). */
export function retraction(domain: GatewayDomain): Feature {
  const everywhere = offered(domain, 'retract', [NS_RETRACT, NS_FALLBACK]).namespaces;
  const namespaces =
    everywhere === undefined
      ? {}
      : { namespaces: { ...everywhere, room: [NS_RETRACT, NS_TOMBSTONE, NS_FALLBACK] } };
  return { ...namespaces, events: { retracted: retractedOnNetwork } };
}

/** The user takes back what she wrote. */
export function retract(place: Place, id: string): undefined {
  const { session, to, room, stanza } = place;
  if (!can(session, 'retract')) throw trouble(session, 'feature-not-implemented', 'noRetraction');
  const known = referred(place, id) ?? session.messageIds.byId(to, id);
  if (known === undefined) throw trouble(session, 'item-not-found', 'unknownMessage');
  if (!known.isOwn) throw trouble(session, 'forbidden', 'notYours');
  settle(place, retractAll(session, known), () => {
    session.messageIds.forget(known);
    if (room === undefined) return undefined;
    const output = reflection(session, room, stanza);
    bury(session, room, known, tombstone(session, stanza.attributes['id']));
    return output;
  });
}

/** One message of the user may be several on the network. */
async function retractAll(session: UserSession, known: KnownMessage): Promise<void> {
  const ids = await networkIdsOf(known);
  if (ids.length === 0) throw trouble(session, 'item-not-found', 'unknownMessage');
  const network = session.network();
  for (const id of ids) await network.retract?.(known.chat, id, { asModerator: false });
}

function retractedOnNetwork(
  session: UserSession,
  event: RetractedEvent,
  nextId: () => string,
): Output {
  const { chat, id } = event;
  const known = named(session, chat, id);
  if (known === undefined) return undefined;
  if (chat.kind === 'room') {
    const room = session.rooms.get(chat.id);
    return room === undefined ? undefined : retractedInRoom(session, room, known, event);
  }
  if (known.id === undefined || known.isOwn || chat.kind !== 'contact') return undefined;
  session.messageIds.forget(known);
  const element = xml('retract', NS_RETRACT, { id: known.id });
  return fromContact(session, chat.id, nextId(), [
    element,
    ...standIn(session.language, ({ retracted }) => retracted),
  ]);
}

function retractedInRoom(
  session: UserSession,
  room: Room,
  known: KnownMessage,
  { nick, isModeration, reason }: RetractedEvent,
): Output {
  if (known.stanzaId === undefined) return undefined;
  if (isModeration === true || nick === undefined) {
    return moderated(session, room, known, { by: nick, reason });
  }
  if (!wrote(room, nick, known)) return undefined;
  const id = newStanzaId();
  const output = roomMessage(session, room, {
    nick,
    id,
    children: [
      xml('retract', NS_RETRACT, { id: known.stanzaId }),
      ...standIn(session.language, ({ retracted }) => retracted),
    ],
  });
  bury(session, room, known, tombstone(session, id));
  return output;
}

/** XEP-0425 §4.1: the room tells that somebody with the right to it took back a message. */
export function moderated(
  session: UserSession,
  room: Room,
  known: KnownMessage,
  { by, reason }: { readonly by: string | undefined; readonly reason: string | undefined },
): Output {
  const id = newStanzaId();
  const details = moderationDetails(session, room, by, reason);
  const output = roomMessage(session, room, {
    id,
    children: [
      xml('retract', NS_RETRACT, { id: known.stanzaId }, details),
      ...standIn(session.language, ({ moderated }) => moderated(reason)),
    ],
  });
  bury(session, room, known, tombstone(session, id, details));
  return output;
}

function moderationDetails(
  { domain }: UserSession,
  room: Room,
  by: string | undefined,
  reason: string | undefined,
): XmlElement[] {
  const moderator =
    by === undefined
      ? xml('moderated', NS_MODERATE)
      : xml('moderated', NS_MODERATE, { by: domain.occupantJid(room.jid, by) }, [
          occupantIdElement(occupantIdOf(room, by)),
        ]);
  return reason === undefined ? [moderator] : [moderator, xml('reason', NS_MODERATE, {}, [reason])];
}

/** For clients that do not know retractions, and so that servers keep it (XEP-0424 §3). */
function standIn(
  language: Language,
  textOf: (texts: ReturnType<typeof messageTexts>) => string,
): XmlElement[] {
  const body = xml('body', NS_CLIENT, { 'xml:lang': language }, [textOf(messageTexts(language))]);
  return [fallbackElement(NS_RETRACT), body, xml('store', NS_HINTS)];
}

/** XEP-0424 §4. */
function tombstone(
  { domain }: UserSession,
  id: string | undefined,
  details: readonly XmlElement[] = [],
): XmlElement {
  const stamp = new Date(domain.now()).toISOString();
  return xml('retracted', NS_RETRACT, { id, stamp }, details);
}

/** What was said is no longer in the archive; that something was, is. */
function bury(session: UserSession, room: Room, known: KnownMessage, stone: XmlElement): void {
  session.messageIds.forget(known);
  if (known.stanzaId !== undefined) {
    room.archive
      ?.rewrite(known.stanzaId, serialize(stone, NS_CLIENT))
      .catch((error: unknown) =>
        session.log.error({ err: error }, 'a message could not be taken out of the archive'),
      );
  }
}
