/** Where a text is. `failed` stands for all its ends but a good one. */
export type TextState = 'queued' | 'sent' | 'delivered' | 'failed';

const RANK: Readonly<Record<TextState, number>> = { queued: 0, sent: 1, delivered: 2, failed: 2 };

/** Networks tell states out of order and more than once: a text never goes back, and what has ended has ended. */
export function advance(known: TextState | undefined, told: TextState): TextState {
  if (known === undefined) return told;
  return RANK[told] > RANK[known] ? told : known;
}

const KEPT = 20_000;

/** The states of the texts that were sent last. */
export class TextStates {
  readonly #states = new Map<string, TextState>();

  /** The new state, when this changes it. */
  tell(key: string, told: TextState): TextState | undefined {
    const known = this.#states.get(key);
    const next = advance(known, told);
    if (next === known) return undefined;
    this.#states.delete(key);
    this.#states.set(key, next);
    const [oldest] = this.#states.keys();
    if (this.#states.size > KEPT && oldest !== undefined) this.#states.delete(oldest);
    return next;
  }

  /** Takes back what was told last, so that it can be told again. */
  forget(key: string): void {
    this.#states.delete(key);
  }

  of(key: string): TextState | undefined {
    return this.#states.get(key);
  }
}
