/** Wants to be called every few seconds. */
export interface Beating {
  beat(now: number): void;
}

/** One timer for all connections of a gateway. */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #members = new Set<Beating>();
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  add(member: Beating): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#beat(), this.#intervalMs);
  }

  remove(member: Beating): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    const now = Date.now();
    for (const member of this.#members) member.beat(now);
  }
}
