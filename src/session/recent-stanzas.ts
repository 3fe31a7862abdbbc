import { fingerprint } from './fingerprint.ts';

const KEEP_MS = 600_000;
const KEEP_COUNT = 200;

/** A message stanza as it came. */
export interface Arrival {
  /** A full JID. */
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly text: string;
}

/**
 * The user's latest messages, so that one which a server or a client sends again is not said twice. The text counts, too:
 * some clients use an id again for another message. Numbers are all that is kept of them: thousands of users write.
 */
export class RecentStanzas {
  /** Of sender and id; -1 for one that is forgotten. */
  readonly #names: number[] = [];
  /** Of receiver and text. */
  readonly #contents: number[] = [];
  readonly #times: number[] = [];
  /** Where the oldest is, once there are so many. */
  #oldest = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a message; `false` when it was there before. */
  isNew({ from, to, id, text }: Arrival): boolean {
    const now = this.#now();
    const name = fingerprint(from, id);
    const content = fingerprint(to, text);
    const known = this.#names.indexOf(name);
    if (known >= 0 && this.#contents[known] === content) {
      if (now - (this.#times[known] ?? 0) < KEEP_MS) return false;
    }
    const at = known >= 0 ? known : this.#place();
    this.#names[at] = name;
    this.#contents[at] = content;
    this.#times[at] = now;
    return true;
  }

  /** The message was refused: the user may send it again. */
  forget(from: string, id: string): void {
    const known = this.#names.indexOf(fingerprint(from, id));
    if (known >= 0) this.#names[known] = -1;
  }

  #place(): number {
    if (this.#names.length < KEEP_COUNT) return this.#names.length;
    const at = this.#oldest;
    this.#oldest = (at + 1) % KEEP_COUNT;
    return at;
  }
}
