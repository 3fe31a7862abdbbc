import { inTime } from '../../in-time.ts';
import type { Subject } from '../../plugin/index.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { HistoryRequest, Room } from '../../session/room.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { delayElement } from '../../xmpp/delay.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { history } from './history.ts';
import { occupantPresence, ownMember, presencesTo, STATUS } from './occupant-presence.ts';
import { occupantIdElement, occupantIdOf, roomMessage } from './room-message.ts';

/** Who comes in, and how. */
export interface Entry {
  /** A full JID. */
  readonly to: string;
  /** The nick that was asked for. */
  readonly nick: string;
  readonly history: HistoryRequest;
}

/** Long before a user's work is given up. */
const HISTORY_MS = 5_000;

/** XEP-0045 §7.2: what resources get that come in: the others, themselves, history, the subject. Each in this order,
 * and each made when it is written: of thousands at once, none has to be kept. */
export async function roomEntries(
  session: UserSession,
  room: Room,
  entries: readonly Entry[],
): Promise<Iterable<XmlElement>> {
  const past = await Promise.all(entries.map((entry) => pastFor(session, room, entry)));
  return inTurn(session, room, entries, past);
}

/** Who may come in is not kept out because nobody can tell what was said before. */
async function pastFor(
  session: UserSession,
  room: Room,
  entry: Entry,
): Promise<readonly XmlElement[]> {
  try {
    const past = history(session, room, entry.to, entry.history);
    return await inTime(past, HISTORY_MS, () => new Error('the database does not answer'));
  } catch (error) {
    session.log.error({ err: error }, 'what was said in a room could not be read');
    return [];
  }
}

function* inTurn(
  session: UserSession,
  room: Room,
  entries: readonly Entry[],
  past: readonly (readonly XmlElement[])[],
): Generator<XmlElement, void> {
  const { domain } = session;
  const resources = entries.map(({ to }) => to);
  for (const member of room.members.values()) {
    if (member.nick !== room.nick) yield* presencesTo(domain, room, { member, resources });
  }
  for (const [index, { to, nick }] of entries.entries()) {
    const statuses: string[] = [STATUS.nonAnonymous, STATUS.self];
    if (nick !== room.nick) statuses.push(STATUS.nickAssigned);
    yield occupantPresence(domain, room, { member: ownMember(room), to, statuses });
    yield* past[index] ?? [];
    yield subjectMessage(session, room, to);
  }
}

/** The subject changed: all are told, and it is kept (XEP-0045 §8.1, XEP-0313 §5.1.2). */
export function newSubject(
  session: UserSession,
  room: Room,
  subject: Subject,
  id = newStanzaId(),
): readonly XmlElement[] {
  room.subject = subject;
  return roomMessage(session, room, {
    id,
    nick: subject.by,
    children: [xml('subject', NS_CLIENT, {}, [subject.text])],
  });
}

/** XEP-0045 §7.2.15: a subject is a message without a body; an empty one says that there is none. */
export function subjectMessage({ domain }: UserSession, room: Room, to: string): XmlElement {
  const { by, at, text = '' } = room.subject ?? {};
  const from = by === undefined ? room.jid : domain.occupantJid(room.jid, by);
  return xml('message', NS_CLIENT, { from, to, type: 'groupchat', id: newStanzaId() }, [
    xml('subject', NS_CLIENT, {}, [text]),
    by === undefined ? undefined : occupantIdElement(occupantIdOf(room, by)),
    at === undefined ? undefined : delayElement(at, room.jid),
  ]);
}
