import { hash } from 'node:crypto';
import type { Member } from '../plugin/index.ts';

/** 128 bits in base64url. */
const LENGTH = 22;
const CACHE_SIZE = 64;

type Named = Pick<Member, 'nick' | 'identity'>;

/**
 * The occupant ids of one room (XEP-0421): always the same for one person in one room, different in another room, and not
 * to be traced back without our key. A person is told by her identity on the network; where there is none, by the nick
 * that she was first seen with, whatever she is called later.
 */
export class OccupantIds {
  readonly #key: string;
  /** By nick, where it does not follow from what is known of the member now. */
  #kept: Map<string, string> | undefined;
  /** Those of the latest speakers, by nick. */
  #latest: Map<string, { readonly identity: string | undefined; readonly id: string }> | undefined;

  /** @param secret is ours alone. */
  constructor(secret: string, roomJid: string) {
    this.#key = hash('sha256', `${secret}\0${roomJid}`, 'hex');
  }

  /** The id of somebody, for something that is said again and again. */
  of(nick: string, identity: string | undefined): string {
    const kept = this.#kept?.get(nick);
    if (kept !== undefined) return kept;
    const known = this.#latest?.get(nick);
    if (known !== undefined && known.identity === identity) return known.id;
    const id = this.#make(nick, identity);
    this.#latest ??= new Map();
    if (this.#latest.size >= CACHE_SIZE) this.#latest.clear();
    this.#latest.set(nick, { identity, id });
    return id;
  }

  /** The id of somebody, for once: of all members at a join. */
  ofMember({ nick, identity }: Named): string {
    return this.#kept?.get(nick) ?? this.#make(nick, identity);
  }

  renamed(before: Named, after: Named): void {
    const id = this.ofMember(before);
    this.#latest = undefined;
    this.#kept?.delete(before.nick);
    this.#keep(id, after);
  }

  /** Something about a member changed, perhaps what is known of her identity. */
  changed(before: Named, after: Named): void {
    if (before.identity !== after.identity) this.#keep(this.ofMember(before), after);
  }

  left({ nick }: Named): void {
    this.#kept?.delete(nick);
  }

  clear(): void {
    this.#kept = undefined;
    this.#latest = undefined;
  }

  #keep(id: string, { nick, identity }: Named): void {
    if (this.#plain(nick, identity) === id) this.#kept?.delete(nick);
    else (this.#kept ??= new Map()).set(nick, id);
  }

  #make(nick: string, identity: string | undefined): string {
    let id = this.#plain(nick, identity);
    if (this.#kept === undefined || this.#kept.size === 0 || identity !== undefined) return id;
    // Somebody else may have come with this nick, have another now, and have kept the id.
    for (let turn = 1; this.#isKept(id); turn++) {
      id = this.#plain(`${nick}\0${turn}`, undefined);
      if (!this.#isKept(id)) {
        this.#kept.set(nick, id);
        return id;
      }
    }
    return id;
  }

  #isKept(id: string): boolean {
    for (const kept of this.#kept?.values() ?? []) if (kept === id) return true;
    return false;
  }

  #plain(nick: string, identity: string | undefined): string {
    return hash('sha256', this.#key + nameOf(nick, identity), 'base64url').slice(0, LENGTH);
  }
}

function nameOf(nick: string, identity: string | undefined): string {
  return identity === undefined ? `nick\0${nick}` : `identity\0${identity}`;
}
