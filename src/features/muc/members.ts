import type {
  Departure,
  JoinedEvent,
  LeftEvent,
  Member,
  MemberEvent,
  RoomEvent,
  RoomLostEvent,
} from '../../plugin/index.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { Output } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { inLanguage, newStanzaId } from '../../xmpp/stanza.ts';
import type { Bookmarks } from './bookmarks.ts';
import { invitation } from './invitations.ts';
import { ownMember, STATUS, toAllResources } from './occupant-presence.ts';
import { refusals } from './refusal.ts';
import { subjectMessage } from './room-entry.ts';
import { texts } from './texts.ts';

const DEPARTURE_STATUS: Readonly<Record<Departure, readonly string[]>> = {
  left: [],
  quit: [],
  kicked: [STATUS.kicked],
  banned: [STATUS.banned],
  lost: [],
};

/** XEP-0045 §7.2.2, 7.14, 8.2, 9.1 as seen from inside: who comes, goes, rises and falls. */
export function members(bookmarks: Bookmarks): Feature {
  return {
    events: {
      joined,
      left,
      member: changed,
      room: (session, event) => roomAnew(session, event, bookmarks),
      'room-lost': lostFromRoom,
    },
  };
}

function joined(session: UserSession, { room: id, member }: JoinedEvent): Output {
  const room = session.rooms.get(id);
  if (room === undefined) return undefined;
  room.members.set(member.nick, member);
  return toAllResources(session.domain, room, { member });
}

function changed(session: UserSession, { room: id, member }: MemberEvent): Output {
  const room = session.rooms.get(id);
  if (room === undefined) return undefined;
  const known = room.members.get(member.nick);
  if (known !== undefined) room.occupantIds.changed(known, member);
  room.members.set(member.nick, member);
  const statuses = member.nick === room.nick ? [STATUS.self] : [];
  return toAllResources(session.domain, room, { member, statuses });
}

function left(session: UserSession, event: LeftEvent): Output {
  const room = session.rooms.get(event.room);
  const member = room?.members.get(event.nick);
  if (room === undefined || member === undefined) return undefined;
  const isSelf = event.nick === room.nick;
  const isRemoval = event.how === 'kicked' || event.how === 'banned';
  const { by, reason } = event;
  const stanzas = toAllResources(session.domain, room, {
    member,
    statuses: [...DEPARTURE_STATUS[event.how], ...(isSelf ? [STATUS.self] : [])],
    gone: {
      ...(event.how === 'banned' ? { affiliation: 'outcast' } : {}),
      ...(isRemoval && by !== undefined ? { actor: by } : {}),
      ...(reason === undefined ? {} : isRemoval ? { reason } : { status: reason }),
    },
  });
  room.members.delete(event.nick);
  room.occupantIds.left(member);
  if (isSelf) session.rooms.delete(room.id);
  return stanzas;
}

/** The room after a break: only what differs from before is told. A room that nobody asked for comes with an invitation. */
export function roomAnew(
  session: UserSession,
  { room: id, state, isKept = false }: Pick<RoomEvent, 'room' | 'state' | 'isKept'>,
  bookmarks?: Bookmarks,
): Output {
  const { domain } = session;
  const room = session.rooms.get(id);
  if (room === undefined && isKept) {
    session.addRoom(id, state.nick).apply(state);
    return undefined;
  }
  if (room === undefined) return putIn(session, { room: id, state }, bookmarks);
  const before = new Map(room.members);
  const oldSubject = room.subject?.text ?? '';
  const oldSelf = ownMember(room);
  room.apply(state);
  const stanzas = [
    ...differences(session, room, before, oldSelf),
    ...toAllResources(domain, room, { member: ownMember(room), statuses: [STATUS.self] }),
  ];
  if ((room.subject?.text ?? '') !== oldSubject) {
    for (const to of room.resources.keys()) stanzas.push(subjectMessage(session, room, to));
  }
  stanzas.push(...roomNote(session, room, texts(session.language).back));
  return stanzas;
}

/** Who has gone, who has come or changed, and whether the user herself has another nick. */
function differences(
  { domain }: UserSession,
  room: Room,
  before: ReadonlyMap<string, Member>,
  oldSelf: Member,
): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const member of before.values()) {
    // Her nick now may have been another's.
    const isThere = member.nick !== room.nick && room.members.has(member.nick);
    if (member.nick === oldSelf.nick || isThere) continue;
    stanzas.push(...toAllResources(domain, room, { member, gone: {} }));
  }
  if (oldSelf.nick !== room.nick) {
    const statuses = [STATUS.renamed, STATUS.self];
    const gone = { newNick: room.nick };
    stanzas.push(...toAllResources(domain, room, { member: oldSelf, statuses, gone }));
  }
  for (const member of room.members.values()) {
    // Her nick of before may be another's.
    const known = member.nick === oldSelf.nick ? undefined : before.get(member.nick);
    if (member.nick === room.nick || isSame(known, member)) continue;
    stanzas.push(...toAllResources(domain, room, { member }));
  }
  return stanzas;
}

function isSame(before: Member | undefined, now: Member): boolean {
  return (
    before?.rank === now.rank &&
    before.contact === now.contact &&
    before.show === now.show &&
    before.status === now.status
  );
}

/** The network put the user into a room: her clients learn of it by a bookmark, else they are asked in (XEP-0045 §7.8.2). */
function putIn(
  session: UserSession,
  { room: id, state }: Pick<RoomEvent, 'room' | 'state'>,
  bookmarks: Bookmarks | undefined,
): Output {
  const room = session.addRoom(id, state.nick);
  room.apply(state);
  const reason = texts(session.language).putIn;
  const asking = (): Output => [
    inLanguage(invitation(session, id, { from: session.domain.domain, reason }), session.language),
  ];
  if (bookmarks?.isWanted(session) !== true) return asking();
  void bookmarks.keep(session, room, state.nick).then((isBookmarked) => {
    if (isBookmarked) return;
    session.mailbox.post(() => {
      const isAlone = room.resources.size === 0 && room.joiners.size === 0;
      return isAlone && session.rooms.get(id) === room ? asking() : undefined;
    });
  });
  return undefined;
}

/** Out without her doing: for a while, which the room is told in words, or for good (status 333). */
export function lostFromRoom(
  session: UserSession,
  { room: id, returning, error }: Pick<RoomLostEvent, 'room' | 'returning' | 'error'>,
): Output {
  const room = session.rooms.get(id);
  if (room === undefined) return undefined;
  if (returning) {
    room.phase = 'returning';
    return roomNote(session, room, texts(session.language).returning(error.message));
  }
  session.rooms.delete(id);
  const removal = {
    member: ownMember(room),
    statuses: [STATUS.self, STATUS.kicked, STATUS.error],
    gone: { reason: error.message },
  };
  return [
    ...toAllResources(session.domain, room, removal),
    ...refusals(session, room, toStanzaError(error, session.log, session.language)),
  ];
}

/** The room itself speaks. */
function roomNote({ language }: UserSession, room: Room, text: string): XmlElement[] {
  const id = newStanzaId();
  return [...room.resources.keys()].map((to) =>
    xml('message', NS_CLIENT, { from: room.jid, to, type: 'groupchat', id, 'xml:lang': language }, [
      xml('body', NS_CLIENT, {}, [text]),
    ]),
  );
}
