import { matches } from './xml-subset-matcher.ts';
import { parseXml, serialise, type XmlNode } from './xml-tree.ts';

export type Expectation = string | ((stanza: XmlNode) => boolean);

interface Waiter {
  readonly accepts: (stanza: XmlNode) => boolean;
  readonly resolve: (stanza: XmlNode) => void;
  readonly reject: (reason: string) => void;
}

/** What a scripted peer has received and nobody has expected yet, oldest first. */
export class XmlInbox {
  readonly #defaultNamespace: string;
  readonly #received: XmlNode[] = [];
  readonly #waiters: Waiter[] = [];
  #endReason: string | undefined;

  constructor(defaultNamespace: string) {
    this.#defaultNamespace = defaultNamespace;
  }

  get received(): readonly XmlNode[] {
    return this.#received;
  }

  push(stanza: XmlNode): void {
    const index = this.#waiters.findIndex((waiter) => waiter.accepts(stanza));
    if (index < 0) this.#received.push(stanza);
    else this.#waiters.splice(index, 1)[0]?.resolve(stanza);
  }

  /** Hands out the first match and removes it; waits for it where it has not come yet. */
  expect(expected: Expectation, timeoutMs = 5000): Promise<XmlNode> {
    const accepts = this.#predicate(expected);
    const index = this.#received.findIndex(accepts);
    const found = index < 0 ? undefined : this.#received.splice(index, 1)[0];
    if (found !== undefined) return Promise.resolve(found);
    const wanted = typeof expected === 'string' ? expected : 'a stanza accepted by the predicate';
    const failure = new Error();
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        failure.message = `${reason} while expecting\n  ${wanted}\n${this.#listing()}`;
        reject(failure);
      };
      const waiter: Waiter = {
        accepts,
        resolve: (stanza) => {
          clearTimeout(timer);
          resolve(stanza);
        },
        reject: fail,
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        fail(`nothing for ${timeoutMs} ms`);
      }, timeoutMs);
      if (this.#endReason === undefined) this.#waiters.push(waiter);
      else fail(this.#endReason);
    });
  }

  end(reason: string): void {
    this.#endReason ??= reason;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  #predicate(expected: Expectation): (stanza: XmlNode) => boolean {
    if (typeof expected !== 'string') return expected;
    const pattern = parseXml(expected, this.#defaultNamespace);
    return (stanza) => matches(stanza, pattern);
  }

  #listing(): string {
    const lines = this.#received.map((node) => `  ${serialise(node, this.#defaultNamespace)}`);
    return ['received and not expected:', ...(lines.length > 0 ? lines : ['  nothing'])].join('\n');
  }
}
