import type { Clock } from '../../src/delivery/clock.ts';

interface Alarm {
  readonly at: number;
  readonly act: () => void;
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  after(durationMs: number, act: () => void): () => void {
    const alarm = { at: this.#now + Math.max(durationMs, 0), act };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** How long until the next thing is to be done; `undefined` when nothing is. */
  get next(): number | undefined {
    const times = [...this.#alarms].map(({ at }) => at - this.#now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  advance(durationMs: number): void {
    const end = this.#now + durationMs;
    for (;;) {
      const due = [...this.#alarms]
        .filter(({ at }) => at <= end)
        .sort((one, other) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#alarms.delete(due);
      this.#now = due.at;
      due.act();
    }
    this.#now = end;
  }
}
