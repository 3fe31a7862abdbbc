import { elementsOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { errorIn, StanzaError } from '../xmpp/stanza-error.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import type { Context } from './context.ts';

const TIMEOUT_MS = 30_000;
const MAX_PENDING = 10_000;

export interface Request {
  readonly type: 'get' | 'set';
  readonly from: string;
  readonly to: string;
  readonly payload: XmlElement;
  readonly timeoutMs?: number;
}

interface Pending {
  readonly to: string;
  readonly resolve: (payload: XmlElement | undefined) => void;
  readonly reject: (error: StanzaError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Nobody has answered, so that nothing is known. */
export class Unanswered extends StanzaError {}

/** The stream went away before the answer came. */
export class ConnectionLost extends Unanswered {
  constructor() {
    super('remote-server-timeout', 'The connection to the server was lost.');
  }
}

/** The IQs that we have sent and that wait for their answer. */
export class Requests {
  readonly #write: (stanzas: readonly XmlElement[]) => void;
  readonly #pending = new Map<string, Pending>();

  constructor(write: (stanzas: readonly XmlElement[]) => void) {
    this.#write = write;
  }

  /**
   * Asks, and resolves to the payload of the result, if it has one. An answer counts only when it comes from the one who
   * was asked.
   * @throws StanzaError what the other side answers; {@link Unanswered} when it does not
   */
  ask({
    type,
    from,
    to,
    payload,
    timeoutMs = TIMEOUT_MS,
  }: Request): Promise<XmlElement | undefined> {
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(new Unanswered('resource-constraint'));
    }
    const id = newStanzaId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Unanswered('remote-server-timeout'));
      }, timeoutMs);
      this.#pending.set(id, { to, resolve, reject, timer });
      this.#write([xml('iq', NS_CLIENT, { type, from, to, id }, [payload])]);
    });
  }

  /** Takes a result or an error. One that nobody waits for is nobody's business. */
  settle({ id, from, type, stanza }: Pick<Context, 'id' | 'from' | 'type' | 'stanza'>): void {
    const pending = this.#pending.get(id ?? '');
    if (id === undefined || pending?.to !== from.full) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (type === 'result') return pending.resolve(elementsOf(stanza)[0]);
    pending.reject(errorIn(stanza));
  }

  /** The stream is gone, and the answers with it. */
  fail(): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new ConnectionLost());
    }
    this.#pending.clear();
  }
}
