import type { XmlElement } from '../xml/element.ts';
import { Latest } from './latest.ts';

const KEEP_MS = 60_000;
const KEEP_COUNT = 1_000;

interface Sent extends Pick<XmlElement, 'name' | 'namespace' | 'attributes'> {
  readonly key: string;
  readonly at: number;
}

/**
 * The user's latest messages by their keys, so that a late refusal by the network finds the stanza it is about: without
 * its content, which no answer repeats.
 */
export class SentMessages {
  readonly #latest = new Latest<Sent>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(key: string, { name, namespace, attributes }: XmlElement): void {
    const at = this.#now();
    for (let old = this.#latest.oldest; old !== undefined; old = this.#latest.oldest) {
      if (at - old.at < KEEP_MS && this.#latest.size < KEEP_COUNT) break;
      this.#latest.dropOldest();
    }
    this.#latest.add({ key, at, name, namespace, attributes });
  }

  /** The stanza of this key, once. */
  take(key: string): XmlElement | undefined {
    const sent = this.#latest.findLast((one) => one.key === key);
    if (sent === undefined) return undefined;
    this.#latest.remove(sent);
    const { name, namespace, attributes } = sent;
    return { name, namespace, attributes, children: [] };
  }
}
