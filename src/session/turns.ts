/** So long one turn of the event loop may be given to work that has waited. */
const TURN_MS = 8;
const WATCH_MS = 1_000;

/** Somebody whose work waits. */
export interface Worker {
  /** Does a slice of it, and lines up again if there is more. */
  takeTurn(): void;
  /** Called now and then while something that takes time is under way. */
  watch(now: number): void;
}

/**
 * Who works next. Users with more than a little to do get slices of work one after the other, between which the event
 * loop goes on; and nobody works while the Jabber server does not read what was written.
 */
export class Turns {
  readonly #congestion: () => Promise<void> | undefined;
  readonly #watched = new Set<Worker>();
  #line: Worker[] = [];
  #isScheduled = false;
  #number = 0;
  #isCounting = false;
  #watching: NodeJS.Timeout | undefined;

  constructor(congestion: () => Promise<void> | undefined) {
    this.#congestion = congestion;
  }

  /** A promise for the time when the server has caught up; `undefined` while it keeps up. */
  get congestion(): Promise<void> | undefined {
    return this.#congestion();
  }

  /** The number of the present turn of the event loop. */
  get number(): number {
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#isCounting = false;
        this.#number += 1;
      });
    }
    return this.#number;
  }

  /** Puts somebody at the end of the line. */
  lineUp(worker: Worker): void {
    this.#line.push(worker);
    this.#schedule();
  }

  /** Has an eye on somebody until `unwatch`. */
  watch(worker: Worker): void {
    this.#watched.add(worker);
    this.#watching ??= setInterval(() => this.#look(), WATCH_MS).unref();
  }

  unwatch(worker: Worker): void {
    this.#watched.delete(worker);
    if (this.#watched.size > 0) return;
    clearInterval(this.#watching);
    this.#watching = undefined;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const congestion = this.#congestion();
    if (congestion === undefined) setImmediate(() => this.#run());
    else void congestion.then(() => this.#run());
  }

  #run(): void {
    const startedAt = performance.now();
    const line = this.#line;
    this.#line = [];
    let served = 0;
    while (served < line.length) {
      if (this.#congestion() !== undefined || performance.now() - startedAt > TURN_MS) break;
      line[served]?.takeTurn();
      served += 1;
    }
    if (served < line.length) this.#line = [...line.slice(served), ...this.#line];
    this.#isScheduled = false;
    if (this.#line.length > 0) this.#schedule();
  }

  #look(): void {
    const now = performance.now();
    for (const worker of this.#watched) worker.watch(now);
  }
}
