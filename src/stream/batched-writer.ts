import type { Socket } from 'node:net';

/** With so much in one turn of the event loop, others are asked to wait, though the peer may be fast. */
const MUCH = 1_048_576;
/** More than this waiting for a peer that does not read means that it is dead. */
const MAX_PENDING = 67_108_864;

/** Gathers what is written within one turn of the event loop into one write, and waits while the peer is slow. */
export class BatchedWriter {
  readonly #socket: Socket;
  #pending = '';
  #isScheduled = false;
  #isBlocked = false;
  #drained: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  readonly #flush = (): void => this.flush();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      this.#isBlocked = false;
      this.flush();
      if (!this.#isBlocked) this.#release();
    });
    socket.on('close', () => this.#release());
  }

  /** A promise for the time when the peer has caught up; `undefined` while it keeps up. */
  get drained(): Promise<void> | undefined {
    if (!this.#isBlocked && this.#pending.length < MUCH) return undefined;
    if (this.#drained === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#drained = { promise, resolve };
    }
    return this.#drained.promise;
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#isScheduled || this.#isBlocked) {
      if (this.#pending.length > MAX_PENDING)
        this.#socket.destroy(new Error('the server does not read'));
      return;
    }
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#pending === '' || this.#isBlocked || !this.#socket.writable) return;
    const text = this.#pending;
    this.#pending = '';
    this.#isBlocked = !this.#socket.write(text);
    if (!this.#isBlocked) this.#release();
  }

  #release(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
