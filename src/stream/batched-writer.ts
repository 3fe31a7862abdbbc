import type { Socket } from 'node:net';

/** With so much in one turn of the event loop, others are asked to wait, though the peer may be fast. */
const MUCH = 1_048_576;
/** So much text is turned into bytes at once: a text of many pieces costs more the longer it gets. */
const PIECE = 65_536;
/** More than this waiting for a peer that does not read means that it is dead. */
const MAX_PENDING = 67_108_864;

/** Gathers what is written within one turn of the event loop into one write, and waits while the peer is slow. */
export class BatchedWriter {
  readonly #socket: Socket;
  #pending = '';
  /** What was written before it, as bytes. */
  #packed: Buffer[] = [];
  #packedBytes = 0;
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
    if (!this.#isBlocked && this.#size < MUCH) return undefined;
    if (this.#drained === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#drained = { promise, resolve };
    }
    return this.#drained.promise;
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= PIECE) this.#pack();
    if (this.#isScheduled || this.#isBlocked) {
      if (this.#size > MAX_PENDING) this.#socket.destroy(new Error('the server does not read'));
      return;
    }
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#size === 0 || this.#isBlocked || !this.#socket.writable) return;
    this.#isBlocked = !this.#writeAll();
    if (!this.#isBlocked) this.#release();
  }

  get #size(): number {
    return this.#packedBytes + this.#pending.length;
  }

  #pack(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    this.#packed.push(bytes);
    this.#packedBytes += bytes.length;
  }

  /** @returns whether the peer keeps up */
  #writeAll(): boolean {
    const text = this.#pending;
    this.#pending = '';
    if (this.#packed.length === 0) return this.#socket.write(text);
    const packed = this.#packed;
    this.#packed = [];
    this.#packedBytes = 0;
    this.#socket.cork();
    for (const bytes of packed) this.#socket.write(bytes);
    const keepsUp = this.#socket.write(text);
    this.#socket.uncork();
    return keepsUp;
  }

  #release(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
