/** How long nothing may come before a measurement is given up. */
const STALL_MS = 60_000;

/** What arrives at one end while something is measured. Kept as it came; it is looked into when the clock has stopped. */
export class Recording {
  readonly texts: string[] = [];
  /** When each arrived, if asked for. */
  readonly stamps: number[] = [];
  readonly #pattern: string;
  readonly #isStamped: boolean;
  #count = 0;
  #wanted = Infinity;
  #resolve: (() => void) | undefined;
  #changedAt = performance.now();

  constructor(pattern: string, isStamped: boolean) {
    this.#pattern = pattern;
    this.#isStamped = isStamped;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes text that ends behind a whole unit: a tag or a line. */
  take(text: string): void {
    this.texts.push(text);
    const before = this.#count;
    for (let at = text.indexOf(this.#pattern); at >= 0;) {
      this.#count++;
      at = text.indexOf(this.#pattern, at + this.#pattern.length);
    }
    if (this.#count === before) return;
    this.#changedAt = performance.now();
    if (this.#isStamped) {
      for (let index = before; index < this.#count; index++) this.stamps.push(this.#changedAt);
    }
    if (this.#count >= this.#wanted) this.#resolve?.();
  }

  /** Resolves when so many have come. @throws Error when they do not */
  async until(count: number): Promise<void> {
    if (this.#count >= count) return;
    this.#wanted = count;
    this.#changedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => {
        if (performance.now() - this.#changedAt < STALL_MS) return;
        clearInterval(timer);
        reject(new Error(`only ${this.#count} of ${count} arrived (${this.#pattern})`));
      }, 1_000);
      this.#resolve = () => {
        clearInterval(timer);
        resolve();
      };
    });
  }
}
