import type { RoomMessageEvent } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { Output } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childText, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { errorReply, newStanzaId } from '../../xmpp/stanza.ts';
import { sendText } from '../chat.ts';
import { newSubject } from './room-entry.ts';
import { isOfRoom, roomMessage } from './room-message.ts';

/** XEP-0045 §7.4, 8.1: what is said in a room, and its subject. */
export function messages(): Feature {
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
        handle: () => {
          throw new StanzaError('bad-request', 'Only a room takes messages of this type.');
        },
      },
    ],
    events: {
      'room-message': heard,
      subject: (session, { room: id, subject }) => {
        const room = session.rooms.get(id);
        return room === undefined ? undefined : newSubject(session, room, subject);
      },
    },
  };
}

function say({ stanza, target, from }: Context, session: UserSession): Output {
  const room = target.kind === 'room' ? session.rooms.get(target.id) : undefined;
  if (room === undefined || !room.resources.has(from.full)) {
    throw new StanzaError('not-acceptable', 'You are not in this room.', { type: 'modify' });
  }
  const text = childText(stanza, 'body', NS_CLIENT);
  const subject = childText(stanza, 'subject', NS_CLIENT);
  if (text === undefined && subject !== undefined)
    return setSubject(session, room, subject, stanza);
  if (text === undefined || text === '') return undefined;
  sendText(session, { kind: 'room', id: room.id }, text, stanza, () =>
    reflection(session, room, stanza),
  );
  return undefined;
}

/** XEP-0045 §7.4: all of the user's resources get back what she said, with its id. */
function reflection(session: UserSession, room: Room, stanza: XmlElement): Output {
  return roomMessage(session, room, {
    nick: room.nick,
    id: stanza.attributes['id'],
    children: stanza.children.filter((node) => !isOfRoom(node, room)),
  });
}

function setSubject(session: UserSession, room: Room, text: string, stanza: XmlElement): Output {
  const change = session.network().setSubject?.(room.id, text);
  if (change === undefined) throw new StanzaError('feature-not-implemented');
  change.catch((error: unknown) => {
    session.mailbox.post(() => {
      const reply = errorReply(stanza, toStanzaError(error, session.log));
      return reply === undefined ? undefined : [reply];
    });
  });
  return undefined;
}

function heard(session: UserSession, event: RoomMessageEvent): Output {
  const room = session.rooms.get(event.room);
  if (room === undefined) return undefined;
  return roomMessage(session, room, {
    nick: event.nick,
    identity: event.identity,
    id: newStanzaId(),
    networkId: event.id,
    at: event.at,
    children: [xml('body', NS_CLIENT, {}, [event.text])],
  });
}
