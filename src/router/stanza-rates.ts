import type { Limits } from '../session/limits.ts';

interface Bucket {
  stanzas: number;
  filledAt: number;
}

/** How fast each user sends: a burst now and then, and not more than so many a second for long. */
export class StanzaRates {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();
  #sweptAt = 0;

  constructor({ stanzasPerSecond, stanzaBurst }: Limits) {
    this.#perMs = stanzasPerSecond / 1_000;
    this.#burst = stanzaBurst;
  }

  /** Counts a stanza; `false` for one too many. */
  take(user: string, now: number): boolean {
    this.#sweep(now);
    const bucket = this.#buckets.get(user);
    if (bucket === undefined) {
      this.#buckets.set(user, { stanzas: this.#burst - 1, filledAt: now });
      return this.#burst >= 1;
    }
    this.#fill(bucket, now);
    if (bucket.stanzas < 1) return false;
    bucket.stanzas -= 1;
    return true;
  }

  #fill(bucket: Bucket, now: number): void {
    const elapsedMs = Math.max(0, now - bucket.filledAt);
    bucket.stanzas = Math.min(this.#burst, bucket.stanzas + elapsedMs * this.#perMs);
    bucket.filledAt = now;
  }

  /** Forgets those who have been quiet for long enough. */
  #sweep(now: number): void {
    const refillMs = this.#burst / this.#perMs;
    if (now - this.#sweptAt < refillMs) return;
    this.#sweptAt = now;
    for (const [user, { filledAt }] of this.#buckets) {
      if (now - filledAt >= refillMs) this.#buckets.delete(user);
    }
  }
}
