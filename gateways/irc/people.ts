import { contactId } from '../../src/plugin/index.ts';
import type { Member } from '../../src/plugin/index.ts';
import { idText } from './address.ts';
import { maskOf } from './irc-message.ts';
import type { IrcMessage } from './irc-message.ts';
import { cleanName, foldName } from './names.ts';
import { rankOf } from './rank.ts';
import type { ServerFeatures } from './server-features.ts';

/** Somebody in a channel. Shared by all users who see the same. */
export interface Person {
  readonly nick: string;
  readonly folded: string;
  /** Letters of the modes, in the order of PREFIX. */
  readonly modes: string;
  /** The name of the account, where it is known. */
  readonly account: string | undefined;
  /** Why she is away, perhaps empty; absent when she is not, or nobody has told. */
  readonly away: string | undefined;
  /** As the core has it. */
  readonly member: Member;
}

export type PersonChange = Partial<Pick<Person, 'nick' | 'modes' | 'account' | 'away'>>;

const MOST_KNOWN = 30_000;
const MOST_ADDRESSES = 1_000;

/** The people of one server as one of its users is told of them. */
export class People {
  readonly #server: string;
  readonly #features: ServerFeatures;
  readonly #known = new Map<string, Person>();
  /** "user@host" of those who were heard lately, by folded nick. */
  readonly #addresses = new Map<string, string>();

  constructor(server: string, features: ServerFeatures) {
    this.#server = server;
    this.#features = features;
  }

  /** One entry of NAMES (RFC 2812 §5.1): all prefixes (multi-prefix), and perhaps the mask (userhost-in-names). */
  named(text: string): Person {
    return this.#known.get(text) ?? this.#keep(text, this.#read(text));
  }

  of(nick: string, modes: string, account?: string, away?: string): Person {
    if (account !== undefined || away !== undefined) return this.#make(nick, modes, account, away);
    const { prefixes } = this.#features;
    let text = nick;
    if (modes !== '') {
      const held = prefixes.filter(({ mode }) => modes.includes(mode));
      text = held.map(({ symbol }) => symbol).join('') + nick;
    }
    return this.named(text);
  }

  changed(person: Person, change: PersonChange): Person {
    const { nick, modes, account, away } = { ...person, ...change };
    return this.of(nick, modes, account, away);
  }

  /** Where somebody comes from, as far as she was heard lately. */
  addressOf(folded: string): string | undefined {
    return this.#addresses.get(folded);
  }

  /** A line of hers came, as most lines are from an address that is known. */
  heard(folded: string, message: IrcMessage): void {
    const known = this.#addresses.get(folded);
    const { prefix } = message;
    const isKnown =
      known !== undefined && prefix.endsWith(known) && prefix.at(-1 - known.length) === '!';
    if (!isKnown) this.isAt(folded, maskOf(message));
  }

  /** @param address is "user@host"; anything else, as servers have it, tells nothing */
  isAt(folded: string, address: string): void {
    if (!address.includes('@')) return;
    if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
    this.#addresses.set(flat(folded), flat(address));
  }

  /** Nobody has this nick any more. */
  gone(folded: string): void {
    this.#addresses.delete(folded);
  }

  #read(text: string): Person {
    const { prefixes } = this.#features;
    let at = 0;
    let modes = '';
    for (; at < text.length; at += 1) {
      const found = prefixes.find(({ symbol }) => symbol === text[at]);
      if (found === undefined) break;
      modes += found.mode;
    }
    const end = text.indexOf('!', at);
    const nick = end < 0 ? text.slice(at) : text.slice(at, end);
    return this.#make(flat(cleanName(nick)), modes, undefined, undefined);
  }

  #make(
    nick: string,
    modes: string,
    account: string | undefined,
    away: string | undefined,
  ): Person {
    const { prefixes, casemapping } = this.#features;
    const member: Member = {
      nick,
      rank: rankOf(modes, prefixes),
      contact: contactId(idText(nick, this.#server)),
      ...(account === undefined ? {} : { identity: account }),
      ...(away === undefined ? {} : { show: 'away' }),
      ...(away === undefined || away === '' ? {} : { status: away }),
    };
    return { nick, folded: foldName(nick, casemapping), modes, account, away, member };
  }

  #keep(text: string, person: Person): Person {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(flat(text), person);
    return person;
  }
}

const LONGEST_COPY = 12;

/** A text of its own, where the engine would keep the whole line for the sake of a part of it. */
function flat(text: string): string {
  return text.length <= LONGEST_COPY ? text : Buffer.from(text).toString();
}
