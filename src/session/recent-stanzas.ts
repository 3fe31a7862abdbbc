import { Latest } from './latest.ts';

const KEEP_MS = 600_000;
const KEEP_COUNT = 200;
const COMPARED = 500;

interface Recent {
  readonly name: string;
  readonly to: string;
  readonly length: number;
  readonly beginning: string;
  readonly at: number;
}

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
 * some clients use an id again for another message.
 */
export class RecentStanzas {
  readonly #byName = new Map<string, Recent>();
  readonly #latest = new Latest<Recent>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a message; `false` when it was there before. */
  isNew({ from, to, id, text }: Arrival): boolean {
    const now = this.#now();
    this.#forgetOld(now);
    const name = nameOf(from, id);
    const known = this.#byName.get(name);
    const beginning = text.length > COMPARED ? text.slice(0, COMPARED) : text;
    const isSame =
      known?.to === to && known.length === text.length && known.beginning === beginning;
    if (isSame) return false;
    const recent = { name, to, length: text.length, beginning, at: now };
    this.#byName.set(name, recent);
    this.#latest.add(recent);
    return true;
  }

  /** The message was refused: the user may send it again. */
  forget(from: string, id: string): void {
    this.#byName.delete(nameOf(from, id));
  }

  #forgetOld(now: number): void {
    for (let old = this.#latest.oldest; old !== undefined; old = this.#latest.oldest) {
      if (now - old.at < KEEP_MS && this.#latest.size < KEEP_COUNT) break;
      this.#latest.dropOldest();
      if (this.#byName.get(old.name) === old) this.#byName.delete(old.name);
    }
  }
}

function nameOf(from: string, id: string): string {
  return `${from}\n${id}`;
}
