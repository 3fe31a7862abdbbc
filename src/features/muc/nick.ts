import type { RenamedEvent } from '../../plugin/index.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { Output } from '../../session/mailbox.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement } from '../../xml/element.ts';
import { errorReply } from '../../xmpp/stanza.ts';
import { STATUS, toAllResources } from './occupant-presence.ts';

/** XEP-0045 §7.6: new nicks, the user's own and those of others. */
export function nick(): Feature {
  return { events: { renamed } };
}

/** Asks the network; the change itself comes back as an event, a refusal as an error to this presence. */
export function renameTo(
  session: UserSession,
  room: Room,
  wanted: string,
  stanza: XmlElement,
): Output {
  room.nickWanted = wanted;
  session
    .network()
    .rename?.(room.id, wanted)
    .catch((error: unknown) => {
      session.mailbox.post(() => {
        if (room.nickWanted === wanted) room.nickWanted = undefined;
        const reply = errorReply(stanza, toStanzaError(error, session.log, session.language));
        return reply === undefined ? undefined : [reply];
      });
    });
  return undefined;
}

function renamed(session: UserSession, event: RenamedEvent): Output {
  const room = session.rooms.get(event.room);
  const known = room?.members.get(event.nick);
  if (room === undefined || known === undefined) return undefined;
  const isSelf = event.nick === room.nick;
  const self = isSelf ? [STATUS.self] : [];
  const goodbye = toAllResources(session.domain, room, {
    member: known,
    statuses: [STATUS.renamed, ...self],
    gone: { newNick: event.member.nick },
  });
  room.occupantIds.renamed(known, event.member);
  room.members.delete(event.nick);
  room.members.set(event.member.nick, event.member);
  if (isSelf) room.nick = event.member.nick;
  followWhispers(session, room, event);
  const statuses = isSelf && isOther(room) ? [...self, STATUS.nickAssigned] : self;
  const hello = toAllResources(session.domain, room, { member: event.member, statuses });
  return [...goodbye, ...hello];
}

/** Whether the network has made another nick of the one that the user asked for. */
function isOther(room: Room): boolean {
  const wanted = room.nickWanted;
  room.nickWanted = undefined;
  return wanted !== undefined && wanted !== room.nick;
}

/** A private talk by way of the room goes on under the new nick. */
function followWhispers(
  session: UserSession,
  room: Room,
  { nick: old, member }: RenamedEvent,
): void {
  if (member.contact === undefined) return;
  for (const [contact, way] of session.whispers) {
    if (way.room !== room.id || way.nick !== old) continue;
    session.whispers.delete(contact);
    session.whispers.set(member.contact, { room: room.id, nick: member.nick });
  }
}
