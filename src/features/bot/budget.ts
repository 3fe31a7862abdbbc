const PERIOD_MS = 60_000;

/** How often somebody may do something within a minute. */
export class Budget {
  readonly #limit: number;
  readonly #now: () => number;
  #since = 0;
  #count = 0;

  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Whether it is still allowed; it then counts. */
  spend(): boolean {
    const now = this.#now();
    if (now - this.#since >= PERIOD_MS) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count <= this.#limit;
  }
}
