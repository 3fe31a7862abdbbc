import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { Latest } from './latest.ts';

const KEEP_MS = 60_000;
const KEEP_COUNT = 1_000;

/** A message stanza of the user that the network was given, without its content, which no answer repeats. */
export interface Sent {
  /** By which the network tells of it. */
  readonly key: string;
  readonly id: string | undefined;
  /** The JIDs that it came from and went to. */
  readonly sender: string;
  readonly receiver: string;
  /** `chat`, `normal`, `groupchat`. */
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The user's latest messages by their keys, so that a late refusal by the network finds the stanza it is about. */
export class SentMessages {
  readonly #latest = new Latest<Sent>();

  add(message: Sent): void {
    for (let old = this.#latest.oldest; old !== undefined; old = this.#latest.oldest) {
      if (message.at - old.at < KEEP_MS && this.#latest.size < KEEP_COUNT) break;
      this.#latest.dropOldest();
    }
    this.#latest.add(message);
  }

  /** The stanza of this key, once. */
  take(key: string): XmlElement | undefined {
    const sent = this.#latest.findLast((one) => one.key === key);
    if (sent === undefined) return undefined;
    this.#latest.remove(sent);
    const { sender: from, receiver: to, id, type } = sent;
    const attributes = { from, to, type, ...(id === undefined ? {} : { id }) };
    return { name: 'message', namespace: NS_CLIENT, attributes, children: [] };
  }
}
