const FIRST_MS = 1_000;
/** While the trouble is young: a server that restarts is found again within half a minute. */
const EARLY_MS = 20_000;
const EARLY_FOR_MS = 300_000;
const LAST_MS = 300_000;
const SLOW_MS = 60_000;
const STABLE_MS = 60_000;

/** How long to wait before the next try to attach: from one second to five minutes, never in step with others. */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;
  #failingSince: number | undefined;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** @param attachedForMs how long the connection had stood, `undefined` if it never did. */
  next(nowMs: number, isSlow: boolean, attachedForMs: number | undefined): number {
    if (attachedForMs !== undefined && attachedForMs >= STABLE_MS) this.#reset();
    this.#failingSince ??= nowMs;
    const isEarly = nowMs - this.#failingSince < EARLY_FOR_MS;
    const ceiling = isEarly && !isSlow ? EARLY_MS : LAST_MS;
    const floor = isSlow ? SLOW_MS : FIRST_MS;
    const delay = Math.min(floor * 2 ** Math.min(this.#failures++, 20), ceiling);
    return delay * (0.5 + this.#random() / 2);
  }

  #reset(): void {
    this.#failures = 0;
    this.#failingSince = undefined;
  }
}
