import type { RoomId, RoomState } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output, Written } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, childText, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_MUC } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { errorReply } from '../../xmpp/stanza.ts';
import type { Bookmarks } from './bookmarks.ts';
import { historyRequest } from './history.ts';
import { trouble } from '../place.ts';
import { renameTo } from './nick.ts';
import { roomEntries } from './room-entry.ts';
import type { Entry } from './room-entry.ts';
import { texts } from './texts.ts';

/** Which room, and how. */
interface Wish {
  readonly id: RoomId;
  readonly nick: string;
  readonly password: string | undefined;
}

/** XEP-0045 §7.2: entering a room. */
export function join({ gateway }: GatewayDomain, bookmarks: Bookmarks): Feature {
  if (!gateway.features.includes('join')) return {};
  return {
    unregistering: (session) => bookmarks.clear(session),
    routes: [
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['occupant'],
        needs: 'account',
        handle: (context, session) => enter(context, session, bookmarks),
      },
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['room'],
        handle: ({ stanza, language }) => {
          if (childOf(stanza, 'x', NS_MUC) === undefined) return undefined;
          throw new StanzaError('jid-malformed', texts(language).noNick, { language });
        },
      },
    ],
  };
}

function enter(context: Context, session: UserSession, bookmarks: Bookmarks): Written {
  const { stanza, target, from } = context;
  if (target.kind !== 'occupant') return undefined;
  const muc = childOf(stanza, 'x', NS_MUC);
  const known = session.rooms.get(target.id);
  if (muc === undefined) {
    if (known?.resources.has(from.full) !== true) {
      const { language } = session;
      const { notInRoom } = texts(language);
      throw new StanzaError('not-acceptable', notInRoom, { type: 'modify', language });
    }
    return target.nick === known.nick ? undefined : renameTo(session, known, target.nick, stanza);
  }
  session.lastActiveAt = session.domain.now();
  const history = historyRequest(muc, session.lastActiveAt);
  const joiner = { jid: from, nick: target.nick, history };
  if (known === undefined) {
    if (session.rooms.size >= session.domain.limits.roomsPerUser) {
      throw trouble(session, 'resource-constraint', 'tooManyRooms');
    }
    const password = childText(muc, 'password', NS_MUC);
    const room = begin(session, { id: target.id, nick: joiner.nick, password }, bookmarks);
    room.awaits(joiner);
    return undefined;
  }
  if (known.phase === 'joining') {
    known.awaits(joiner);
    return undefined;
  }
  known.resources.set(from.full, from);
  return roomEntries(session, known, [{ to: from.full, nick: target.nick, history }]);
}

function begin(session: UserSession, { id, nick, password }: Wish, bookmarks: Bookmarks): Room {
  const network = session.network();
  if (network.join === undefined) throw new Error('a gateway with rooms whose session cannot join');
  const joining = network.join(id, { nick, ...(password === undefined ? {} : { password }) });
  const room = session.addRoom(id, nick, password);
  joining.then(
    (state) =>
      session.mailbox.post(() => {
        const stanzas = entered(session, room, state);
        if (stanzas !== undefined) bookmarks.entered(session, room, nick);
        return stanzas;
      }),
    (error: unknown) => session.mailbox.post(() => refused(session, room, error)),
  );
  return room;
}

/** Lets all in who waited. Nobody may be left of them: then the room is left again. */
function entered(session: UserSession, room: Room, state: RoomState): Written {
  if (session.rooms.get(room.id) !== room) return undefined;
  room.apply(state);
  const entries: Entry[] = [];
  for (const { jid, nick, history } of room.takeJoiners()) {
    room.resources.set(jid.full, jid);
    entries.push({ to: jid.full, nick, history });
  }
  return roomEntries(session, room, entries);
}

function refused(session: UserSession, room: Room, error: unknown): Output {
  if (session.rooms.get(room.id) !== room) return undefined;
  session.rooms.delete(room.id);
  const stanzaError = toStanzaError(error, session.log, session.language);
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
