import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_PING } from '../xmpp/namespaces.ts';
import { newStanzaId } from '../xmpp/stanza.ts';

const TICK_MS = 2_500;
const IDLE_MS = 25_000;
const ANSWER_MS = 25_000;

export interface KeepAliveEvents {
  ping(iq: XmlElement): void;
  dead(): void;
}

/**
 * Finds out within a minute that a peer is gone, and keeps a line busy that servers would else drop: after some
 * silence the server is pinged (XEP-0199); anything that comes is a sign of life, the answer above all.
 */
export class KeepAlive {
  readonly #domain: string;
  readonly #server: string;
  readonly #events: KeepAliveEvents;
  readonly #timer: NodeJS.Timeout;
  #isAlive = true;
  #silentMs = 0;
  #pingId: string | undefined;

  constructor(domain: string, events: KeepAliveEvents) {
    this.#domain = domain;
    this.#server = domain.includes('.') ? domain.slice(domain.indexOf('.') + 1) : domain;
    this.#events = events;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Bytes came. */
  received(): void {
    this.#isAlive = true;
  }

  /** Whether this is the answer to our ping, by its id and by who sent it: anybody may make up an id. */
  isAnswer(stanza: XmlElement): boolean {
    const { id, from, type } = stanza.attributes;
    if (this.#pingId === undefined || id !== this.#pingId || stanza.name !== 'iq') return false;
    return from === this.#server && (type === 'result' || type === 'error');
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#isAlive) {
      this.#isAlive = false;
      this.#silentMs = 0;
      this.#pingId = undefined;
      return;
    }
    this.#silentMs += TICK_MS;
    if (this.#pingId === undefined && this.#silentMs >= IDLE_MS) {
      this.#pingId = newStanzaId();
      const attributes = { from: this.#domain, to: this.#server, id: this.#pingId, type: 'get' };
      this.#events.ping(xml('iq', NS_CLIENT, attributes, [xml('ping', NS_PING)]));
    } else if (this.#silentMs >= IDLE_MS + ANSWER_MS) {
      this.#events.dead();
    }
  }
}
