import type { Socket } from 'node:net';

/** So much is written before the turn of the event loop is over: to wait would be to hold it. */
const ENOUGH = 262_144;
/** More than this waiting for a peer that does not read means that it is dead. */
const MAX_PENDING = 67_108_864;
const BLOCK_BYTES = 65_536;
const MOST_BYTES_PER_UNIT = 3;

/**
 * Gathers what is written within one turn of the event loop into one write, and waits while the peer is slow. It is kept as
 * bytes: texts that wait until the turn is over would be moved about by the garbage collector.
 */
export class BatchedWriter {
  readonly #socket: Socket;
  /** Filled so far as `#end`; the socket may still hold what was written of it before. */
  #block: Buffer | undefined;
  #end = 0;
  /** Blocks that are full. */
  #full: Buffer[] = [];
  #fullBytes = 0;
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
    if (!this.#isBlocked) return undefined;
    if (this.#drained === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#drained = { promise, resolve };
    }
    return this.#drained.promise;
  }

  write(text: string): void {
    const block = this.#roomFor(text.length * MOST_BYTES_PER_UNIT);
    this.#end += block.write(text, this.#end);
    if (this.#pendingBytes > MAX_PENDING) {
      this.#socket.destroy(new Error('the server does not read'));
      return;
    }
    if (this.#isBlocked) return;
    if (this.#pendingBytes >= ENOUGH) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#pendingBytes === 0 || this.#isBlocked || !this.#socket.writable) return;
    let isTaken = true;
    if (this.#full.length > 0) this.#socket.cork();
    for (const block of this.#full) isTaken = this.#socket.write(block);
    if (this.#block !== undefined && this.#end > 0) {
      isTaken = this.#socket.write(this.#block.subarray(0, this.#end));
    }
    if (this.#full.length > 0) this.#socket.uncork();
    this.#full = [];
    this.#fullBytes = 0;
    this.#end = 0;
    // What the system has not taken yet must stay as it is.
    if (this.#socket.writableLength > 0) this.#block = undefined;
    this.#isBlocked = !isTaken;
    if (!this.#isBlocked) this.#release();
  }

  get #pendingBytes(): number {
    return this.#fullBytes + this.#end;
  }

  /** The block to write on in, from `#end`. */
  #roomFor(bytes: number): Buffer {
    if (this.#block !== undefined && this.#block.length - this.#end >= bytes) return this.#block;
    if (this.#block !== undefined && this.#end > 0) {
      this.#full.push(this.#block.subarray(0, this.#end));
      this.#fullBytes += this.#end;
    }
    this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
    this.#end = 0;
    return this.#block;
  }

  #release(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }
}
