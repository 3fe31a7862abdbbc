import { NetworkError } from '../../src/plugin/index.ts';

export interface Rate {
  /** How many may go at once. */
  readonly burst: number;
  readonly perSecond: number;
}

interface Clock {
  now(): number;
  /** Rejects with the signal's reason. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>;
}

/** Lets segments of one sender out at the pace that its carrier takes them, in the order in which they come. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** May be below zero: those who wait have theirs already. */
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#filledAt = clock.now();
  }

  /**
   * Resolves when so many may go.
   * @throws NetworkError too-fast, at once, when that would take longer than `patienceMs`
   */
  async take(count: number, patienceMs: number, signal: AbortSignal): Promise<void> {
    this.#refill();
    // More than the bucket holds must not wait for ever.
    const needed = Math.min(count, this.#rate.burst);
    const waitMs = Math.max(0, Math.ceil(((needed - this.#tokens) / this.#rate.perSecond) * 1_000));
    if (waitMs > patienceMs) {
      throw new NetworkError('too-fast', 'Too many texts wait to be sent.', {
        retryAfterMs: waitMs,
      });
    }
    this.#tokens -= count;
    if (waitMs === 0) return;
    try {
      await this.#clock.wait(waitMs, signal);
    } catch (error) {
      this.#tokens += count;
      throw error;
    }
  }

  #refill(): void {
    const now = this.#clock.now();
    const earned = (Math.max(0, now - this.#filledAt) / 1_000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + earned);
    this.#filledAt = now;
  }
}
