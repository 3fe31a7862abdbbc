import { setTimeout as after } from 'node:timers/promises';

/** Waits longer each time, and never exactly as long as others do. */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #count = 0;

  constructor(minMs: number, maxMs: number, random: () => number = Math.random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  reset(): void {
    this.#count = 0;
  }

  get nextMs(): number {
    const full = Math.min(this.#maxMs, this.#minMs * 2 ** this.#count);
    return Math.round(full * (0.5 + this.#random() / 2));
  }

  /** Rejects when the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.nextMs;
    this.#count = Math.min(this.#count + 1, 20);
    await after(ms, undefined, { signal });
  }
}
