import type { Logger } from 'pino';
import { childOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { delayElement } from '../xmpp/delay.ts';
import { NS_CLIENT, NS_DELAY } from '../xmpp/namespaces.ts';

const HELD_COUNT = 20_000;

/** The stream as the outbound side sees it: `false` means that nothing was written because it is not attached. */
export interface StanzaSink {
  send(stanza: XmlElement): boolean;
}

/**
 * The way out of one domain. While it is not attached, everything is held in order and follows later, messages with the
 * time at which they came. Answers to IQs too: another domain's connection may have brought the question.
 */
export class Outbound {
  readonly #domain: string;
  readonly #sink: StanzaSink;
  readonly #log: Logger;
  readonly #overflowed: () => void;
  /** How many stanzas have gone out. */
  count = 0;
  #held: XmlElement[] = [];
  #isOverflowing = false;

  /** @param overflowed more was to be held than can be: what rooms have told the users is no longer true. */
  constructor(domain: string, sink: StanzaSink, log: Logger, overflowed: () => void) {
    this.#domain = domain;
    this.#sink = sink;
    this.#log = log;
    this.#overflowed = overflowed;
  }

  write(stanzas: Iterable<XmlElement>): void {
    for (const stanza of stanzas) {
      if (this.#held.length > 0 || !this.#send(stanza)) this.#hold(stanza);
    }
  }

  /** The stream is attached: lets go of what was held. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#log.info({ count: held.length }, 'sending what was held meanwhile');
    for (const stanza of held) if (!this.#send(stanza)) this.#hold(stanza);
    if (!this.#isOverflowing) return;
    this.#isOverflowing = false;
    this.#overflowed();
  }

  /** A stanza that the stream refuses is a bug of ours and must not keep others from going out. */
  #send(stanza: XmlElement): boolean {
    try {
      if (!this.#sink.send(stanza)) return false;
      this.count += 1;
      return true;
    } catch (error) {
      this.#log.error({ err: error }, 'a stanza could not be written');
      return true;
    }
  }

  #hold(stanza: XmlElement): void {
    if (this.#held.length >= HELD_COUNT) {
      if (!this.#isOverflowing)
        this.#log.error('more came while the server was away than can be held');
      this.#isOverflowing = true;
      return;
    }
    this.#held.push(stanza.name === 'message' ? this.#stamped(stanza) : stanza);
  }

  #stamped(message: XmlElement): XmlElement {
    const isStamped = childOf(message, 'delay', NS_DELAY) !== undefined;
    if (isStamped || message.attributes['type'] === 'error') return message;
    const stamp = delayElement(new Date(), this.#domain);
    return xml('message', NS_CLIENT, message.attributes, [...message.children, stamp]);
  }
}
