import type { Context } from '../../router/context.ts';
import type { Feature } from '../../router/feature.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childText } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { occupantPresence, ownMember, STATUS } from './occupant-presence.ts';

/** The errors that say that a resource is not there any more (RFC 6120 §8.3.3). */
const GONE: ReadonlySet<string> = new Set([
  'gone',
  'item-not-found',
  'recipient-unavailable',
  'redirect',
  'jid-malformed',
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
]);

/** XEP-0045 §7.14: leaving a room, by intention or because what we send comes back. */
export function leave(): Feature {
  return {
    routes: [
      {
        stanza: 'presence',
        types: ['unavailable'],
        targets: ['occupant', 'room'],
        handle: leaveByPresence,
      },
      {
        stanza: 'presence',
        types: ['error'],
        targets: ['occupant', 'room', 'contact', 'gateway', 'network'],
        handle: leaveByError,
      },
      {
        stanza: 'message',
        types: ['error'],
        targets: ['occupant', 'room'],
        handle: leaveByError,
      },
    ],
  };
}

function leaveByPresence({ target, from, stanza }: Context, session: UserSession): XmlElement[] {
  if (target.kind !== 'occupant' && target.kind !== 'room') return [];
  const room = session.rooms.get(target.id);
  if (room === undefined) return [];
  return takeOut(session, room, from, childText(stanza, 'status', NS_CLIENT));
}

function leaveByError({ from, stanza, target }: Context, session: UserSession): undefined {
  if (target.kind !== 'occupant' && target.kind !== 'room') return undefined;
  const room = session.rooms.get(target.id);
  if (room === undefined) return undefined;
  const error = stanza.children.find((node) => typeof node !== 'string' && node.name === 'error');
  if (error === undefined || typeof error === 'string') return undefined;
  const isGone = error.children.some((node) => typeof node !== 'string' && GONE.has(node.name));
  if (isGone) takeOut(session, room, from, undefined);
  return undefined;
}

/** Takes a resource out of all rooms. */
export function leaveRooms(session: UserSession, resource: Jid): XmlElement[] {
  return [...session.rooms.values()].flatMap((room) => takeOut(session, room, resource, undefined));
}

/** Who stays connected stays in her rooms, until she leaves them for good by a command of the network. */
function isKept(session: UserSession, room: Room): boolean {
  return session.staysConnected && room.phase !== 'joining';
}

/** Takes one resource out; the last one to go leaves the room on the network. */
function takeOut(
  session: UserSession,
  room: Room,
  resource: Jid,
  reason: string | undefined,
): XmlElement[] {
  const wasWaiting = room.awaitsNoMore(resource.full);
  const wasIn = room.resources.delete(resource.full);
  if (!wasWaiting && !wasIn) return [];
  if (room.resources.size === 0 && room.joiners.size === 0 && !isKept(session, room)) {
    session.rooms.delete(room.id);
    for (const [contact, way] of session.whispers) {
      if (way.room === room.id) session.whispers.delete(contact);
    }
    session.link.session
      ?.leave?.(room.id, reason)
      .catch((error: unknown) => session.log.debug({ err: error }, 'leaving a room failed'));
  }
  return [
    occupantPresence(session.domain, room, {
      member: ownMember(room),
      to: resource.full,
      statuses: [STATUS.self],
      gone: reason === undefined ? {} : { status: reason },
    }),
  ];
}
