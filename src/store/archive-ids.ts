import { randomFillSync } from 'node:crypto';

const MARK_BYTES = 6;
const MARK_LENGTH = 8;
const POOL_BYTES = 1_024 * MARK_BYTES;
const RADIX = 36;
/** All pairs of digits: JavaScript takes as long to write a large number in this radix as for the rest of a stanza. */
const PAIRS = Array.from({ length: RADIX ** 2 }, (_, pair) =>
  pair.toString(RADIX).padStart(2, '0'),
);
const LOW = PAIRS.length ** 2;

/**
 * Makes the stanza ids of XEP-0359 for what is said in rooms. An id has two parts: a mark of chance, which makes it
 * impossible to guess, and the number of the row in the archive, which finds the row without an index of ids. Numbers
 * rise, across restarts too, and are microseconds since 1970 as far as the clock and the traffic allow it.
 */
export class ArchiveIds {
  readonly #now: () => number;
  readonly #pool = Buffer.allocUnsafe(POOL_BYTES);
  #poolAt = POOL_BYTES;
  #last: number;
  /** All of the number but its last four digits, which is the same for a second or more. */
  #high = -1;
  #highText = '';

  /** @param last is the highest number that was ever used. */
  constructor(last: number, now: () => number) {
    this.#last = last;
    this.#now = now;
  }

  /** A new id, higher than all before it. */
  next(): string {
    this.#last = Math.max(this.#last + 1, this.#now() * 1_000);
    if (this.#poolAt === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#poolAt = 0;
    }
    const from = this.#poolAt;
    this.#poolAt += MARK_BYTES;
    return this.#pool.toString('base64url', from, this.#poolAt) + this.#digits();
  }

  #digits(): string {
    const high = Math.floor(this.#last / LOW);
    if (high === 0) return this.#last.toString(RADIX);
    if (high !== this.#high) {
      this.#high = high;
      this.#highText = high.toString(RADIX);
    }
    const low = this.#last - high * LOW;
    const pair = Math.floor(low / PAIRS.length);
    return `${this.#highText}${PAIRS[pair]}${PAIRS[low - pair * PAIRS.length]}`;
  }
}

/** The part of an id that is by chance. */
export function markOf(stanzaId: string): string {
  return stanzaId.slice(0, MARK_LENGTH);
}

/** The number of the row behind an id; `undefined` for an id that is none of ours. */
export function numberOf(stanzaId: string): number | undefined {
  const digits = stanzaId.slice(MARK_LENGTH);
  if (!/^[0-9a-z]{1,11}$/.test(digits)) return undefined;
  const number = Number.parseInt(digits, RADIX);
  return Number.isSafeInteger(number) ? number : undefined;
}

export function stanzaIdOf(number: number, mark: string): string {
  return mark + number.toString(RADIX);
}
