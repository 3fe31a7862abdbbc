import type { TypingState } from '../plugin/index.ts';

const MOST = 200;
/** Networks that say it again and again do so every few seconds. After so long it is news again. */
const AGAIN_MS = 30_000;

interface Writing {
  readonly state: TypingState;
  at: number;
}

/** Who was last said to be writing, or to pause. Whoever is done is not among them. */
export class Writers {
  readonly #now: () => number;
  readonly #all = new Map<string, Writing>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes what somebody does; `false` when that is known. */
  changes(name: string, state: TypingState): boolean {
    const at = this.#now();
    const known = this.#all.get(name);
    if (state === 'done') return this.#all.delete(name);
    if (known?.state === state && at - known.at < AGAIN_MS) {
      known.at = at;
      return false;
    }
    const [oldest] = this.#all.keys();
    if (this.#all.size >= MOST && oldest !== undefined) this.#all.delete(oldest);
    this.#all.set(name, { state, at });
    return true;
  }

  forget(name: string): void {
    this.#all.delete(name);
  }
}
