import type { ThrottleOptions } from './options.ts';

/** Lines that belong together and leave in order. */
export interface Queued {
  /** What has one lane keeps its order; lanes take turns. The lane '' goes before all others. */
  readonly lane: string;
  /** How many lines there are yet to write. */
  readonly left: number;
  /** Writes one of them. */
  writeNext(): void;
}

/** A token bucket with a bounded queue. It writes to nobody itself: those in the queue do. */
export class Throttle {
  readonly #options: ThrottleOptions;
  readonly #capacity: number;
  #lanes: Map<string, Queued[]> | undefined;
  #size = 0;
  #tokens: number;
  #filledAt = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ThrottleOptions, capacity: number) {
    this.#options = options;
    this.#capacity = capacity;
    this.#tokens = options.burst;
  }

  hasRoomFor(lines: number): boolean {
    return this.#size + lines <= this.#capacity;
  }

  /** Time until a queue as long as this one has gone. */
  get delayMs(): number {
    return Math.ceil((this.#size / this.#options.perSecond) * 1_000);
  }

  /** Lets one line pass at once, unless others wait already. */
  mayPass(): boolean {
    if (this.#size > 0) return false;
    if (this.#tokens < 1) this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  add(queued: Queued): void {
    this.#lanes ??= new Map();
    const lane = this.#lanes.get(queued.lane);
    if (lane === undefined) this.#lanes.set(queued.lane, [queued]);
    else lane.push(queued);
    this.#size += queued.left;
    this.#pump();
  }

  /** Takes everything out that has not been written, oldest first in each lane. */
  clear(): Queued[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const queued = [...(this.#lanes?.values() ?? [])].flat();
    this.#lanes = undefined;
    this.#size = 0;
    return queued;
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
    const lanes = this.#lanes;
    const name = lanes?.has('') === true ? '' : lanes?.keys().next().value;
    const lane = name === undefined ? undefined : lanes?.get(name);
    const queued = lane?.[0];
    if (lanes === undefined || name === undefined || lane === undefined || queued === undefined) {
      return;
    }
    this.#size -= 1;
    if (queued.left <= 1) lane.shift();
    // To the end of the round, so that a long paste into one channel does not silence the others.
    lanes.delete(name);
    if (lane.length > 0) lanes.set(name, lane);
    queued.writeNext();
  }
}
