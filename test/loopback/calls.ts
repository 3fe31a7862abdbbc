import type { NetworkError, Session } from 'causeway/plugin';

const MAX_RECORDED = 10_000;
const PATIENCE_MS = 5_000;

/** `signIn` is the check of an account before it is registered. */
export type Method = keyof Session | 'signIn';

/** Something that the gateway was asked for. */
export interface Call {
  /** The name on the network of the user for whom it was. */
  readonly user: string;
  readonly method: Method;
  readonly args: readonly unknown[];
}

interface Waiter {
  readonly test: (call: Call) => boolean;
  readonly found: (call: Call) => void;
}

/** What a network is asked for: remembered, and refused or delayed where a test wants that. */
export class Calls {
  readonly recorded: Call[] = [];
  readonly #unclaimed: Call[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #refusals = new Map<Method, NetworkError[]>();
  readonly #gates = new Map<Method, Promise<void>>();

  /** Remembers a call. @returns a promise when it has to wait; @throws NetworkError when it is to be refused */
  enter(call: Call): Promise<void> | undefined {
    if (this.recorded.length >= MAX_RECORDED) this.recorded.shift();
    this.recorded.push(call);
    this.#tell(call);
    const refusal = this.#refusals.get(call.method)?.shift();
    const gate = this.#gates.get(call.method);
    if (refusal === undefined) return gate;
    if (gate === undefined) throw refusal;
    return gate.then(() => Promise.reject(refusal));
  }

  forget(): void {
    this.recorded.length = 0;
    this.#unclaimed.length = 0;
    this.#refusals.clear();
  }

  refuseNext(method: Method, error: NetworkError): void {
    this.#refusals.set(method, [...(this.#refusals.get(method) ?? []), error]);
  }

  /** All calls of this method wait from now on, until what this returns is called. */
  slow(method: Method): () => void {
    let release = (): void => undefined;
    this.#gates.set(
      method,
      new Promise((resolve) => {
        release = () => {
          this.#gates.delete(method);
          resolve();
        };
      }),
    );
    return release;
  }

  /** The oldest call of a method that no `expect` took yet, or the next one to come. */
  expect(method: Method, test: (call: Call) => boolean = () => true): Promise<Call> {
    const matches = (call: Call): boolean => call.method === method && test(call);
    const index = this.#unclaimed.findIndex(matches);
    const [claimed] = index < 0 ? [] : this.#unclaimed.splice(index, 1);
    if (claimed !== undefined) return Promise.resolve(claimed);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        test: matches,
        found: (call) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(call);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        const asked = this.recorded.slice(-20).map((call) => call.method);
        reject(new Error(`nobody asked for ${method}; asked for: ${asked.join(', ')}`));
      }, PATIENCE_MS);
      this.#waiters.add(waiter);
    });
  }

  #tell(call: Call): void {
    for (const waiter of this.#waiters) if (waiter.test(call)) return waiter.found(call);
    if (this.#unclaimed.length >= MAX_RECORDED) this.#unclaimed.shift();
    this.#unclaimed.push(call);
  }
}
