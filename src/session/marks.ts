const KEEP_COUNT = 1_000;

/** How far each of several people has got in a chat. Marks only move forward (XEP-0333 §6). */
export class Marks {
  readonly #orders = new Map<string, number>();

  /** Moves a mark; `false` when it was there already, or farther. */
  move(name: string, order: number): boolean {
    if (order <= (this.#orders.get(name) ?? -Infinity)) return false;
    this.#orders.delete(name);
    for (const oldest of this.#orders.keys()) {
      if (this.#orders.size < KEEP_COUNT) break;
      this.#orders.delete(oldest);
    }
    this.#orders.set(name, order);
    return true;
  }
}
