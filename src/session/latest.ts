/**
 * The latest of something, the oldest first. A `Map` or `Set` that forgets from its beginning looks at each place that it
 * has emptied there before it finds its first entry; this does not.
 */
export class Latest<Item> {
  #items: (Item | undefined)[] = [];
  /** Where the oldest is. */
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get oldest(): Item | undefined {
    return this.#items[this.#head];
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  dropOldest(): void {
    this.#items[this.#head] = undefined;
    this.#head += 1;
    // Half of it may be empty before the rest is moved, so that each item is moved about once.
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  /** @returns whether it was there */
  remove(item: Item): boolean {
    const at = this.#items.lastIndexOf(item);
    if (at < this.#head) return false;
    this.#items.splice(at, 1);
    return true;
  }

  /** The latest that is meant. */
  findLast(isMeant: (item: Item) => boolean): Item | undefined {
    for (let at = this.#items.length - 1; at >= this.#head; at--) {
      const item = this.#items[at];
      if (item !== undefined && isMeant(item)) return item;
    }
    return undefined;
  }

  /** All of them, the oldest first. */
  all(): Item[] {
    return this.#items.filter((item) => item !== undefined);
  }
}
