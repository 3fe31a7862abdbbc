import type { RoomId, RoomState } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output } from '../../session/mailbox.ts';
import { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, childText, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_MUC } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { errorReply } from '../../xmpp/stanza.ts';
import { renameTo } from './nick.ts';
import { roomEntry } from './room-entry.ts';

/** XEP-0045 §7.2: entering a room. */
export function join({ gateway }: GatewayDomain): Feature {
  if (!gateway.features.includes('join')) return {};
  return {
    namespaces: {
      gateway: [NS_MUC],
      network: [NS_MUC],
      room: [NS_MUC, 'muc_nonanonymous', 'muc_open', 'muc_unmoderated', 'muc_temporary'],
    },

    routes: [
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['occupant'],
        needs: 'account',
        handle: enter,
      },
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['room'],
        handle: ({ stanza }) => {
          if (childOf(stanza, 'x', NS_MUC) === undefined) return undefined;
          throw new StanzaError('jid-malformed', 'Say under which nick you want to come in.');
        },
      },
    ],
  };
}

function enter(context: Context, session: UserSession): Output {
  const { stanza, target, from } = context;
  if (target.kind !== 'occupant') return undefined;
  const muc = childOf(stanza, 'x', NS_MUC);
  const known = session.rooms.get(target.id);
  if (muc === undefined) {
    if (known?.resources.has(from.full) !== true) {
      throw new StanzaError('not-acceptable', 'You are not in this room.', { type: 'modify' });
    }
    return target.nick === known.nick ? undefined : renameTo(session, known, target.nick, stanza);
  }
  session.lastActiveAt = session.domain.now();
  const joiner = { jid: from, nick: target.nick };
  if (known === undefined) {
    begin(session, target.id, joiner.nick, childText(muc, 'password', NS_MUC)).joiners.set(
      from.full,
      joiner,
    );
    return undefined;
  }
  if (known.phase === 'joining') {
    known.joiners.set(from.full, joiner);
    return undefined;
  }
  known.resources.set(from.full, from);
  return roomEntry(session, known, from.full, target.nick);
}

function begin(session: UserSession, id: RoomId, nick: string, password?: string): Room {
  const room = new Room(id, session.domain.jidOf({ kind: 'room', id }), nick, password);
  session.rooms.set(id, room);
  const network = session.network();
  if (network.join === undefined) throw new Error('a gateway with rooms whose session cannot join');
  network.join(id, { nick, ...(password === undefined ? {} : { password }) }).then(
    (state) => session.mailbox.post(() => entered(session, room, state)),
    (error: unknown) => session.mailbox.post(() => refused(session, room, error)),
  );
  return room;
}

/** Lets all in who waited. Nobody may be left of them: then the room is left again. */
function entered(session: UserSession, room: Room, state: RoomState): Output {
  if (session.rooms.get(room.id) !== room) return undefined;
  room.apply(state);
  const stanzas: XmlElement[] = [];
  for (const { jid, nick } of room.joiners.values()) {
    room.resources.set(jid.full, jid);
    for (const stanza of roomEntry(session, room, jid.full, nick)) stanzas.push(stanza);
  }
  room.joiners.clear();
  return stanzas;
}

function refused(session: UserSession, room: Room, error: unknown): Output {
  if (session.rooms.get(room.id) !== room) return undefined;
  session.rooms.delete(room.id);
  const stanzaError = toStanzaError(error, session.log);
  const stanzas: XmlElement[] = [];
  for (const { jid, nick } of room.joiners.values()) {
    const from = session.domain.occupantJid(room.jid, nick);
    const request = xml('presence', NS_CLIENT, { from: jid.full, to: from }, [xml('x', NS_MUC)]);
    const reply = errorReply(request, stanzaError);
    if (reply !== undefined)
      stanzas.push({ ...reply, children: [xml('x', NS_MUC), ...reply.children] });
  }
  return stanzas;
}
