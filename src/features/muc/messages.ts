import type { RoomMessageEvent, Subject } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { Output } from '../../session/mailbox.ts';
import { beginningOf } from '../../session/message-ids.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement } from '../../xml/element.ts';
import { messageParts } from '../../xmpp/message-parts.ts';
import { errorReply, newStanzaId } from '../../xmpp/stanza.ts';
import { wroteSo } from '../chat-states.ts';
import { fromUser } from '../from-user.ts';
import { bodyElement, composed, isPlain } from '../incoming.ts';
import { wrote } from '../known-messages.ts';
import { markable } from '../markers.ts';
import { trouble } from '../place.ts';
import { KnownPast } from './known-past.ts';
import { newSubject } from './room-entry.ts';
import { roomMessage } from './room-message.ts';

/** XEP-0045 §7.4, 8.1: what is said in a room, and its subject. */
export function messages(): Feature {
  const known = new KnownPast();
  return {
    routes: [
      {
        stanza: 'message',
        types: ['groupchat'],
        targets: ['room'],
        needs: 'account',
        handle: say,
      },
      {
        stanza: 'message',
        types: ['groupchat'],
        targets: ['occupant', 'contact', 'gateway', 'network'],
        handle: (_, session) => {
          throw trouble(session, 'bad-request', 'onlyRooms');
        },
      },
    ],
    events: {
      'room-message': (session, event) => heard(session, event, known),
      subject: (session, { room: id, subject }) => {
        const room = session.rooms.get(id);
        return room === undefined ? undefined : subjectChanged(session, room, subject);
      },
    },
  };
}

function say({ stanza, target, from }: Context, session: UserSession): Output | Promise<Output> {
  const room = target.kind === 'room' ? session.rooms.get(target.id) : undefined;
  if (room === undefined || !room.resources.has(from.full)) {
    throw trouble(session, 'not-acceptable', 'notInRoom');
  }
  const parts = messageParts(stanza);
  const { body, subject, thread } = parts;
  if (body === undefined && thread === undefined && subject !== undefined) {
    return setSubject(session, room, subject, stanza);
  }
  return fromUser({ session, stanza, parts, to: room.address, room });
}

function setSubject(session: UserSession, room: Room, text: string, stanza: XmlElement): Output {
  const change = session.network().setSubject?.(room.id, text);
  if (change === undefined) throw trouble(session, 'feature-not-implemented', 'noSubject');
  const wanted = { text, id: stanza.attributes['id'] };
  room.subjectWanted = wanted;
  change.catch((error: unknown) => {
    session.mailbox.post(() => {
      if (room.subjectWanted === wanted) room.subjectWanted = undefined;
      const reply = errorReply(stanza, toStanzaError(error, session.log, session.language));
      return reply === undefined ? undefined : [reply];
    });
  });
  return undefined;
}

/** XEP-0045 §7.4: under the id of the stanza that asked for it. */
function subjectChanged(session: UserSession, room: Room, subject: Subject): Output {
  const wanted = room.subjectWanted;
  const isOwn = subject.by === room.nick && subject.text === wanted?.text;
  if (!isOwn) return newSubject(session, room, subject);
  room.subjectWanted = undefined;
  return newSubject(session, room, subject, wanted.id);
}

function heard(
  session: UserSession,
  event: RoomMessageEvent,
  known: KnownPast,
): Output | Promise<Output> {
  const room = session.rooms.get(event.room);
  if (room === undefined) return undefined;
  if (event.isPast !== true) return heardIn(session, room, event);
  return known.has(session, room, event).then(
    (isKnown) => (isKnown ? undefined : heardIn(session, room, event)),
    (error: unknown) => {
      // Better twice than not at all.
      session.log.error({ err: error }, 'what was said in a room could not be read');
      return heardIn(session, room, event);
    },
  );
}

function heardIn(session: UserSession, room: Room, event: RoomMessageEvent): Output {
  if (event.isPast !== true) wroteSo(session, room.address, event.nick);
  if (!isPlain(event)) return heardMore(session, room, event);
  return show(session, room, event, [bodyElement(event.text)]);
}

/** A message with more than a text, or with more text than a stanza holds. */
function heardMore(session: UserSession, room: Room, event: RoomMessageEvent): Output {
  const chat = room.address;
  const { nick } = event;
  const { contents } = composed(session, chat, event, (earlier) =>
    nick === undefined ? earlier.nick === undefined : wrote(room, nick, earlier),
  );
  const { id: _, ...rest } = event;
  return contents.flatMap((content, index) =>
    show(session, room, index === 0 ? event : rest, content),
  );
}

function show(
  session: UserSession,
  room: Room,
  event: RoomMessageEvent,
  content: readonly XmlElement[],
): readonly XmlElement[] {
  const mark = markable(session);
  const message = {
    nick: event.nick,
    identity: event.identity,
    id: newStanzaId(),
    networkId: event.id,
    at: event.at,
    children: mark === undefined ? content : [...content, mark],
  };
  // Without an archive there is nobody else to ask later what was said.
  if (event.id === undefined || room.archive !== undefined || !session.messageIds.isForRooms) {
    return roomMessage(session, room, message);
  }
  const stanzaId = session.domain.store.stanzaIds.next();
  session.messageIds.add({
    chat: room.address,
    id: message.id,
    stanzaId,
    networkIds: [event.id],
    isOwn: event.nick === room.nick,
    nick: event.nick,
    text: beginningOf(event.text),
    order: session.messageIds.nextOrder(),
  });
  return roomMessage(session, room, { ...message, stanzaId });
}
