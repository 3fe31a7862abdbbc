import type { ThrottleOptions } from './options.ts';

/** Lines that belong together and leave in order. */
export interface Batch {
  /** Batches of one lane keep their order; lanes take turns. The lane '' goes before all others. */
  readonly lane: string;
  readonly lines: string[];
  readonly queuedAt: number;
  /** Called for each line, when it is the last of its batch with `isLast`. */
  readonly write: (line: string, isLast: boolean) => void;
}

/** A token bucket with a bounded queue. It writes to nobody itself: the batches do. */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #capacity: number;
  readonly #lanes = new Map<string, Batch[]>();
  #size = 0;
  #tokens: number;
  #filledAt = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ThrottleOptions, capacity: number) {
    this.#options = options;
    this.#capacity = capacity;
    this.#tokens = options.burst;
  }

  get size(): number {
    return this.#size;
  }

  hasRoomFor(lines: number): boolean {
    return this.#size + lines <= this.#capacity;
  }

  /** Time until a queue as long as this one has gone. */
  get delayMs(): number {
    return Math.ceil((this.#size / this.#options.perSecond) * 1_000);
  }

  add(batch: Batch): void {
    const lane = this.#lanes.get(batch.lane);
    if (lane === undefined) this.#lanes.set(batch.lane, [batch]);
    else lane.push(batch);
    this.#size += batch.lines.length;
    this.#pump();
  }

  /** Takes everything out that has not been written, oldest first in each lane. */
  clear(): Batch[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batches = [...this.#lanes.values()].flat();
    this.#lanes.clear();
    this.#size = 0;
    return batches;
  }

  *queued(): Generator<Batch> {
    for (const lane of this.#lanes.values()) yield* lane;
  }

  #pump(): void {
    if (this.#timer !== undefined) return;
    this.#refill();
    while (this.#size > 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      this.#writeOne();
    }
    if (this.#size === 0) return;
    const waitMs = Math.max(1, Math.ceil(((1 - this.#tokens) / this.#options.perSecond) * 1_000));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, waitMs);
  }

  #refill(): void {
    const now = Date.now();
    const earned = ((now - this.#filledAt) / 1_000) * this.#options.perSecond;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + Math.max(0, earned));
    this.#filledAt = now;
  }

  #writeOne(): void {
    const name = this.#lanes.has('') ? '' : this.#lanes.keys().next().value;
    const lane = name === undefined ? undefined : this.#lanes.get(name);
    const batch = lane?.[0];
    const line = batch?.lines.shift();
    if (name === undefined || lane === undefined || batch === undefined) return;
    this.#size -= line === undefined ? 0 : 1;
    if (batch.lines.length === 0) lane.shift();
    // To the end of the round, so that a long paste into one channel does not silence the others.
    this.#lanes.delete(name);
    if (lane.length > 0) this.#lanes.set(name, lane);
    if (line !== undefined) batch.write(line, batch.lines.length === 0);
  }
}
