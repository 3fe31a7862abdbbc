import { contactId } from '../../src/plugin/index.ts';
import type { Event, Member, RoomId, RoomState, Subject } from '../../src/plugin/index.ts';
import { idText } from './address.ts';
import { stripFormatting } from './formatting.ts';
import type { Deferred } from './deferred.ts';
import { rankOf, readName } from './rank.ts';
import type { ServerFeatures } from './server-features.ts';

interface Person {
  readonly nick: string;
  readonly modes: string;
}

/**
 * One channel as the server tells it. `asked`: JOIN is sent or waits for the connection; `entering`: the server has let
 * us in and lists who is there; `in`: all is known; `lost`: the connection went, and we mean to come back.
 */
export class Channel {
  readonly room: RoomId;
  readonly name: string;
  readonly server: string;
  readonly key: string | undefined;
  phase: 'asked' | 'entering' | 'in' | 'lost' = 'asked';
  /** Who waits to hear that we are in. */
  entry: Deferred<RoomState> | undefined;
  timer: NodeJS.Timeout | undefined;
  subject: Subject | undefined;
  /** When which folded nicks were banned: a kick of one of them just then is part of the ban. */
  readonly bans = new Map<string, number>();
  /** Said while the members were being listed. */
  readonly held: Event[] = [];
  /** Whether JOIN was sent on this connection. */
  isJoinSent = false;
  readonly #people = new Map<string, Person>();

  constructor(room: RoomId, name: string, server: string, key: string | undefined) {
    this.room = room;
    this.name = name;
    this.server = server;
    this.key = key;
  }

  /** Begins anew: the server has let us in. */
  enter(): void {
    this.phase = 'entering';
    this.subject = undefined;
    this.held.length = 0;
    this.bans.clear();
    this.#people.clear();
  }

  has(folded: string): boolean {
    return this.#people.has(folded);
  }

  person(folded: string): Person | undefined {
    return this.#people.get(folded);
  }

  set(folded: string, person: Person): void {
    this.#people.set(folded, person);
  }

  remove(folded: string): Person | undefined {
    const person = this.#people.get(folded);
    this.#people.delete(folded);
    return person;
  }

  /** RFC 2812 §5.1, 353. */
  addNames(names: string, features: ServerFeatures, fold: (nick: string) => string): void {
    for (const text of names.split(' ')) {
      if (text === '') continue;
      const person = readName(text, features.prefixes);
      this.#people.set(fold(person.nick), person);
    }
  }

  member({ nick, modes }: Person, features: ServerFeatures): Member {
    return {
      nick,
      rank: rankOf(modes, features.prefixes),
      contact: contactId(idText(nick, this.server)),
    };
  }

  state(nick: string, features: ServerFeatures): RoomState {
    const members: Member[] = [];
    for (const person of this.#people.values()) members.push(this.member(person, features));
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
