import { randomFillSync } from 'node:crypto';

const MARK_BYTES = 6;
const MARK_LENGTH = 8;
const POOL_BYTES = 1_024 * MARK_BYTES;

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
    return this.#pool.toString('base64url', from, this.#poolAt) + this.#last.toString(36);
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
  const number = Number.parseInt(digits, 36);
  return Number.isSafeInteger(number) ? number : undefined;
}

export function stanzaIdOf(number: number, mark: string): string {
  return mark + number.toString(36);
}
