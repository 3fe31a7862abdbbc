import type { XmlElement } from '../xml/element.ts';

const KEEP_MS = 60_000;
const KEEP_COUNT = 1_000;

/** The user's latest messages by their keys, so that a late refusal by the network finds the stanza it is about. */
export class SentMessages {
  readonly #stanzas = new Map<string, { readonly stanza: XmlElement; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(key: string, stanza: XmlElement): void {
    const now = this.#now();
    for (const [old, { at }] of this.#stanzas) {
      if (now - at < KEEP_MS && this.#stanzas.size < KEEP_COUNT) break;
      this.#stanzas.delete(old);
    }
    this.#stanzas.set(key, { stanza, at: now });
  }

  /** The stanza of this key, once. */
  take(key: string): XmlElement | undefined {
    const sent = this.#stanzas.get(key);
    this.#stanzas.delete(key);
    return sent?.stanza;
  }
}
