const MOST_KNOWN = 300;

/** What people have on messages: IRC tells each change, the core wants all there is. */
export class Reactions {
  #known: Map<string, readonly string[]> | undefined;

  /** @param place names chat, message and person. @returns all that the person has there now. */
  change(place: string, emoji: string, isOn: boolean): readonly string[] {
    const others = this.get(place).filter((one) => one !== emoji);
    const now = isOn ? [...others, emoji] : others;
    this.set(place, now);
    return now;
  }

  get(place: string): readonly string[] {
    return this.#known?.get(place) ?? [];
  }

  set(place: string, emoji: readonly string[]): void {
    this.#known ??= new Map();
    this.#known.delete(place);
    if (emoji.length === 0) return;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(place, emoji);
  }
}
