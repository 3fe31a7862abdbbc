import { serialize, type Element } from './xml-element.ts';
import { describeMatcher, matches, NS_OF_LITERALS, type Matcher } from './xml-matcher.ts';

interface Waiter {
  readonly matcher: Matcher;
  readonly take: (stanza: Element) => void;
  readonly abandon: (reason: string) => void;
}

const MAX_QUEUED = 10_000;

/** What has arrived and nobody has asked for yet, and who waits for what has not arrived yet. */
export class StanzaQueue {
  readonly #owner: string;
  readonly #queued: Element[] = [];
  readonly #waiters: Waiter[] = [];
  #endedBecause: string | undefined;

  constructor(owner: string) {
    this.#owner = owner;
  }

  get queued(): readonly Element[] {
    return this.#queued;
  }

  push(stanza: Element): void {
    const index = this.#waiters.findIndex(({ matcher }) => matches(stanza, matcher));
    const [waiter] = index === -1 ? [] : this.#waiters.splice(index, 1);
    if (waiter !== undefined) return waiter.take(stanza);
    if (this.#queued.length >= MAX_QUEUED) this.#queued.shift();
    this.#queued.push(stanza);
  }

  /** Takes the oldest stanza that matches, or waits for one. What does not match stays for others. */
  async expect(matcher: Matcher, timeoutMs: number): Promise<Element> {
    const index = this.#queued.findIndex((stanza) => matches(stanza, matcher));
    const [found] = index === -1 ? [] : this.#queued.splice(index, 1);
    if (found !== undefined) return found;
    if (this.#endedBecause !== undefined) throw this.#failure(matcher, this.#endedBecause);
    // Made here, so that the stack names the test that waits.
    const late = new Error();
    return new Promise<Element>((resolve, reject) => {
      const timer = setTimeout(() => waiter.abandon(`nothing in ${timeoutMs} ms`), timeoutMs);
      const waiter: Waiter = {
        matcher,
        take: (stanza) => {
          clearTimeout(timer);
          resolve(stanza);
        },
        abandon: (reason) => {
          clearTimeout(timer);
          const place = this.#waiters.indexOf(waiter);
          if (place !== -1) this.#waiters.splice(place, 1);
          late.message = this.#failure(matcher, reason).message;
          reject(late);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** The next stanza, which has to match. */
  async next(matcher: Matcher, timeoutMs: number): Promise<Element> {
    const stanza = await this.expect(() => true, timeoutMs);
    if (matches(stanza, matcher)) return stanza;
    this.#queued.unshift(stanza);
    throw this.#failure(matcher, 'something else came first');
  }

  takeAll(): Element[] {
    return this.#queued.splice(0);
  }

  end(reason: string): void {
    this.#endedBecause ??= reason;
    for (const waiter of this.#waiters.slice()) waiter.abandon(reason);
  }

  #failure(matcher: Matcher, reason: string): Error {
    const received = this.#queued.map((stanza) => `  ${serialize(stanza, NS_OF_LITERALS)}`);
    const list = received.length === 0 ? '  nothing' : received.slice(-30).join('\n');
    const wanted = describeMatcher(matcher);
    return new Error(`${this.#owner}: ${reason}; expected\n  ${wanted}\nunclaimed so far\n${list}`);
  }
}
