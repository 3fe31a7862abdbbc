import { NetworkError } from '../../plugin/index.ts';
import type { RoomId, RoomState } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output, Written } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, childText } from '../../xml/element.ts';
import { NS_MUC } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { Bookmarks } from './bookmarks.ts';
import { askIn, awaitEntry } from './entry-request.ts';
import { historyRequest } from './history.ts';
import { trouble } from '../place.ts';
import { renameTo } from './nick.ts';
import { refusals, stranger } from './refusal.ts';
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

function enter(
  context: Context,
  session: UserSession,
  bookmarks: Bookmarks,
): Written | Promise<Written> {
  const { stanza, target, from } = context;
  if (target.kind !== 'occupant') return undefined;
  const muc = childOf(stanza, 'x', NS_MUC);
  const known = session.rooms.get(target.id);
  if (muc === undefined) {
    // Until she is in, what her server tells her rooms of her tells nothing new.
    if (known?.joiners.has(from.full) === true) return undefined;
    if (known?.resources.has(from.full) !== true) return [stranger(context)];
    return target.nick === known.nick ? undefined : renameTo(session, known, target.nick, stanza);
  }
  session.lastActiveAt = session.domain.now();
  const history = historyRequest(muc, session.lastActiveAt);
  const joiner = { jid: from, nick: target.nick, history, id: context.id };
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
  const joining = askIn(session, { id, nick, password });
  const room = session.addRoom(id, nick, password);
  awaitEntry(session, room, joining, {
    entered: (state) => {
      const stanzas = entered(session, room, state);
      bookmarks.entered(session, room, nick);
      return stanzas;
    },
    refused: (error) => refused(session, room, error),
  });
  return room;
}

/** Lets all in who waited. Nobody may be left of them: then the room is left again. */
function entered(session: UserSession, room: Room, state: RoomState): Promise<Written> {
  room.apply(state);
  const entries: Entry[] = [];
  for (const { jid, nick, history } of room.takeJoiners()) {
    room.resources.set(jid.full, jid);
    entries.push({ to: jid.full, nick, history });
  }
  return roomEntries(session, room, entries);
}

function refused(session: UserSession, room: Room, error: unknown): Output {
  session.rooms.delete(room.id);
  return refusals(session, room, refusalOf(session, error));
}

/** RFC 6120 §8.3.3.14: she is in it by another address, which clients are told with the error. */
function refusalOf({ domain, log, language }: UserSession, error: unknown): StanzaError {
  const refusal = toStanzaError(error, log, language);
  if (!(error instanceof NetworkError) || error.address === undefined) return refusal;
  const { condition, text, type } = refusal;
  const uri = `xmpp:${encodeURIComponent(domain.localOf(error.address))}@${domain.domain}?join`;
  return new StanzaError(condition, text, { type, language, uri });
}
