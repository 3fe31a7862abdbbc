import type { Address } from '../../src/plugin/index.ts';
import type { Letter } from './letter.ts';

/** A message by which a refusal may be answered. */
export interface Refusable {
  readonly to: Address;
  readonly key: string;
  /** Absent for one of a single line that counted as sent when it was written. */
  readonly letter: Letter | undefined;
}

const COUNT = 512;

/**
 * The messages that were written lately, in the order of their last lines. Most are one line that was written at once: of
 * those no more is kept than it takes to tell that they were refused, in columns, for there are hundreds of each user.
 */
export class RecentMessages {
  #to: Address[] = [];
  #keys: string[] = [];
  /** Empty for what can be refused no more. */
  #lanes: string[] = [];
  #writtenAt: number[] = [];
  #letters: (Letter | undefined)[] = [];

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** @param letter is kept where there is more to know of it */
  add(
    { to, key, lane }: Pick<Letter, 'to' | 'key' | 'lane'>,
    writtenAt: number,
    letter?: Letter,
  ): void {
    if (letter !== undefined && this.#letters.at(-1) === letter) {
      this.#writtenAt[this.#writtenAt.length - 1] = writtenAt;
      return;
    }
    if (this.#keys.length >= COUNT) this.#dropTo(COUNT / 2);
    this.#to.push(to);
    this.#keys.push(key);
    this.#lanes.push(lane);
    this.#writtenAt.push(writtenAt);
    this.#letters.push(letter);
  }

  /** A refusal names this target, or none: takes the latest message that it can be about. */
  refused(lane: string | undefined, oldest: number): Refusable | undefined {
    for (let at = this.#keys.length - 1; at >= 0; at--) {
      const own = this.#lanes[at];
      const isMeant = lane === undefined ? own !== '' : own === lane;
      if (!isMeant || (this.#writtenAt[at] ?? 0) < oldest) continue;
      const letter = this.#letters[at];
      if (letter === undefined) this.#lanes[at] = '';
      else if (letter.refusable > 0) letter.refusable -= 1;
      else continue;
      return this.#at(at);
    }
    return undefined;
  }

  /** What becomes of it is known: nobody asks for it again. */
  take(key: string): Refusable | undefined {
    const at = this.#keys.lastIndexOf(key);
    if (at < 0) return undefined;
    this.#lanes[at] = '';
    return this.#at(at);
  }

  /** Those of which nobody knows whether they arrived. */
  writtenSince(time: number): Refusable[] {
    const found: Refusable[] = [];
    for (let at = 0; at < this.#keys.length; at++) {
      const isMeant = (this.#writtenAt[at] ?? 0) >= time && this.#lanes[at] !== '';
      const message = isMeant ? this.#at(at) : undefined;
      if (message !== undefined) found.push(message);
    }
    return found;
  }

  dropBefore(time: number): void {
    let left = this.#keys.length;
    while (left > 0 && (this.#writtenAt[this.#keys.length - left] ?? 0) <= time) left -= 1;
    this.#dropTo(left);
  }

  /** So many of the latest are left. */
  #dropTo(count: number): void {
    const gone = this.#keys.length - count;
    if (gone <= 0) return;
    this.#to = this.#to.slice(gone);
    this.#keys = this.#keys.slice(gone);
    this.#lanes = this.#lanes.slice(gone);
    this.#writtenAt = this.#writtenAt.slice(gone);
    this.#letters = this.#letters.slice(gone);
  }

  #at(index: number): Refusable | undefined {
    const to = this.#to[index];
    const key = this.#keys[index];
    if (to === undefined || key === undefined) return undefined;
    return { to, key, letter: this.#letters[index] };
  }
}
