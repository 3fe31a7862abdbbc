import type { Event, Member, RoomId, RoomState, Subject } from '../../src/plugin/index.ts';
import type { Crowd } from './crowd.ts';
import type { Deferred } from './deferred.ts';
import { stripFormatting } from './formatting.ts';
import { isAbout } from './mask.ts';
import type { People, Person } from './people.ts';

/** A kick so soon after a ban is part of it. */
const BAN_MS = 10_000;
/** More bans at once are no work of an operator who kicks people one by one. */
const MOST_BANS = 20;

interface RecentBan {
  readonly mask: string;
  readonly by: string;
  readonly at: number;
}

/**
 * One channel as the server tells it. `asked`: JOIN is sent or waits for the connection; `entering`: the server has let
 * us in and lists who is there; `in`: all is known; `lost`: the connection went, and we mean to come back.
 */
export class Channel {
  readonly room: RoomId;
  readonly name: string;
  readonly key: string | undefined;
  phase: 'asked' | 'entering' | 'in' | 'lost' = 'asked';
  /** Who waits to hear that we are in. */
  entry: Deferred<RoomState> | undefined;
  timer: NodeJS.Timeout | undefined;
  subject: Subject | undefined;
  /** The latest last; absent when there were none lately. */
  #bans: readonly RecentBan[] | undefined;
  /** Said while the members were being listed, or what was said before was being asked for. */
  held: Event[] | undefined;
  /** Since when it waits for what was said before; 0 when it does not. */
  heldAt = 0;
  /** When the connection was last known to work, after it was lost. */
  lostAt: number | undefined;
  /** Whether JOIN was sent on this connection. */
  isJoinSent = false;
  /** Since when the server is asked for all of its modes, which have changed; 0 when it is not. */
  modesAskedAt = 0;
  /** The user was in it before the gateway was started. */
  isKept = false;
  #people = new Map<string, Person>();
  readonly #crowd: Crowd;

  constructor(room: RoomId, name: string, key: string | undefined, crowd: Crowd) {
    this.#crowd = crowd;
    this.room = room;
    this.name = name;
    this.key = key;
  }

  /** Begins anew: the server has let us in. */
  enter(): void {
    this.phase = 'entering';
    this.subject = undefined;
    this.held = undefined;
    this.heldAt = 0;
    this.#bans = undefined;
    this.modesAskedAt = 0;
    this.forget();
  }

  /** Who is in it is not to be known any more. */
  forget(): void {
    this.#crowd.count -= this.#people.size;
    this.#people = new Map();
  }

  /** @param mask is folded */
  banned(mask: string, by: string): void {
    this.#bans = [...(this.#bans ?? []).slice(1 - MOST_BANS), { mask, by, at: Date.now() }];
  }

  /** The ban is taken back. */
  readmitted(mask: string): void {
    this.#bans = this.#bans?.filter((ban) => ban.mask !== mask);
  }

  /**
   * Whether a kick is part of a ban just before it.
   * @param address is the folded "user@host" of who is kicked, where it is known
   */
  isBanned(nick: string, address: string | undefined, by: string): boolean {
    const since = Date.now() - BAN_MS;
    this.#bans = this.#bans?.filter(({ at }) => at > since);
    return this.#bans?.some((ban) => ban.by === by && isAbout(ban.mask, nick, address)) === true;
  }

  has(folded: string): boolean {
    return this.#people.has(folded);
  }

  person(folded: string): Person | undefined {
    return this.#people.get(folded);
  }

  set(person: Person): void {
    const before = this.#people.size;
    this.#people.set(person.folded, person);
    this.#crowd.count += this.#people.size - before;
  }

  remove(folded: string): Person | undefined {
    const person = this.#people.get(folded);
    if (person !== undefined && this.#people.delete(folded)) this.#crowd.count -= 1;
    return person;
  }

  /** RFC 2812 §5.1, 353. */
  addNames(names: string, people: People): void {
    let at = 0;
    while (at < names.length) {
      let end = names.indexOf(' ', at);
      if (end < 0) end = names.length;
      if (end > at) this.set(people.named(names.slice(at, end)));
      at = end + 1;
    }
  }

  state(nick: string): RoomState {
    const members: Member[] = [];
    for (const { member } of this.#people.values()) members.push(member);
    return { nick, members, ...(this.subject === undefined ? {} : { subject: this.subject }) };
  }
}

export function subjectOf(text: string, by?: string, at?: Date): Subject {
  return {
    text: stripFormatting(text),
    ...(by === undefined ? {} : { by }),
    ...(at === undefined ? {} : { at }),
  };
}
