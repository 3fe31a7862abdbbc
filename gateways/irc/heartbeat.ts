type Beat = (now: number) => void;

/** One timer for all connections of a gateway. */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #beats = new Set<Beat>();
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** @returns what ends it. */
  add(beat: Beat): () => void {
    this.#beats.add(beat);
    this.#timer ??= setInterval(() => this.#beat(), this.#intervalMs);
    return () => this.#remove(beat);
  }

  #beat(): void {
    const now = Date.now();
    for (const beat of this.#beats) beat(now);
  }

  #remove(beat: Beat): void {
    this.#beats.delete(beat);
    if (this.#beats.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
