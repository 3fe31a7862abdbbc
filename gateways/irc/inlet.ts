import type { OnReadOpts } from 'node:net';

/**
 * All connections read into this, one after the other. Node would otherwise get 64 kB for each read, which takes longer than
 * to understand the line that comes in it.
 */
const BYTES = Buffer.allocUnsafeSlow(65_536);
const NONE: readonly Buffer[] = [];

/** Where the bytes of a socket come in: `onread` is the option of that name of `connect` (node:net, node:tls). */
export class Inlet {
  readonly onread: OnReadOpts = {
    buffer: BYTES,
    callback: (count) => {
      this.#receive(BYTES.subarray(0, count));
      return true;
    },
  };
  #take: ((bytes: Buffer) => void) | undefined;
  /** What came before there was somebody to take it. */
  #early = NONE;

  /** Hands on what comes from now on. The bytes are gone when `take` returns. */
  lead(take: (bytes: Buffer) => void): void {
    this.#take = take;
    const early = this.#early;
    this.#early = NONE;
    if (early.length > 0) process.nextTick(() => take(Buffer.concat(early)));
  }

  #receive(bytes: Buffer): void {
    if (this.#take !== undefined) this.#take(bytes);
    else this.#early = [...this.#early, Buffer.from(bytes)];
  }
}
