import { inTime } from '../../in-time.ts';
import type { RoomMessageEvent } from '../../plugin/index.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { ArchivedMessage } from '../../store/archive-reader.ts';
import { bodyIn } from '../known-messages.ts';

/** So far back it is looked for what a network tells again. */
const MOST_MESSAGES = 1_000;
/** Networks tell again many messages at once: what is kept of a room is read once for most of them. */
const LIFE_MS = 1_000;
const MOST_ROOMS = 16;
/** Long before a user's work is given up. */
const READ_MS = 5_000;
/** Clocks that differ by less are taken for one, where nothing but the time tells two messages of one text apart. */
const SKEW_MS = 5_000;

interface Said {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The network has a name for it: another name is another message, however alike. */
  readonly isNamed: boolean;
}

interface Known {
  readonly readAt: number;
  /** What the network calls them. */
  readonly ids: Set<string>;
  /** By who said what. */
  readonly sayings: Map<string, Said[]>;
}

/** Tells what is known already of what a network tells again. */
export class KnownPast {
  /** The latest at the end. */
  readonly #rooms = new Map<Room, Known>();

  async has(
    session: UserSession,
    room: Room,
    { id, at, nick = '', text }: RoomMessageEvent,
  ): Promise<boolean> {
    const { archive } = room;
    if (archive === undefined) {
      return id !== undefined && session.messageIds.byNetworkId(room.address, id) !== undefined;
    }
    const now = session.domain.now();
    const known = await this.#of(room, now, () => archive.last(MOST_MESSAGES));
    if (id !== undefined && known.ids.has(id)) return true;
    const time = at?.getTime() ?? now;
    const isKnown = known.sayings
      .get(sayingOf(nick, text))
      ?.some((one) => (id === undefined || !one.isNamed) && Math.abs(one.at - time) <= SKEW_MS);
    if (isKnown === true) return true;
    if (id !== undefined) known.ids.add(id);
    return false;
  }

  async #of(
    room: Room,
    now: number,
    read: () => Promise<readonly ArchivedMessage[]>,
  ): Promise<Known> {
    const before = this.#rooms.get(room);
    if (before !== undefined && now - before.readAt < LIFE_MS) return before;
    this.#rooms.delete(room);
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size >= MOST_ROOMS && oldest !== undefined) this.#rooms.delete(oldest);
    const past = await inTime(read(), READ_MS, () => new Error('the database does not answer'));
    const known = knownOf(past, now);
    this.#rooms.set(room, known);
    return known;
  }
}

function knownOf(messages: readonly ArchivedMessage[], readAt: number): Known {
  const ids = new Set<string>();
  const sayings = new Map<string, Said[]>();
  for (const { networkId, nick, content, at } of messages) {
    const isNamed = networkId !== '';
    if (isNamed) ids.add(networkId);
    const body = bodyIn(content);
    if (body === '') continue;
    const saying = sayingOf(nick, body);
    const said = sayings.get(saying);
    if (said === undefined) sayings.set(saying, [{ at, isNamed }]);
    else said.push({ at, isNamed });
  }
  return { readAt, ids, sayings };
}

const sayingOf = (nick: string, body: string): string => `${nick}\n${body}`;
