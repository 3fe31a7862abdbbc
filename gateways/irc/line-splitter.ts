import { isUtf8 } from 'node:buffer';
import { western } from './charset.ts';
import type { Charset } from './charset.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const EMPTY: Buffer = Buffer.alloc(0);

/** Makes lines of text from bytes. A line that is too long is skipped, never kept. */
export class LineSplitter {
  readonly #limitBytes: number;
  readonly #onSkipped: () => void;
  readonly #legacy: Charset;
  #bytes: Buffer = EMPTY;
  #at = 0;
  /** All of the bytes are UTF-8. */
  #isUtf8 = true;
  #isSkipping = false;

  /** @param legacy reads lines that are no UTF-8. */
  constructor(limitBytes: number, onSkipped: () => void, legacy: Charset = western) {
    this.#limitBytes = limitBytes;
    this.#onSkipped = onSkipped;
    this.#legacy = legacy;
  }

  /** Takes more bytes, which are not to change until `keep` is called. */
  feed(chunk: Buffer): void {
    let fresh = chunk;
    if (this.#isSkipping) {
      const end = chunk.indexOf(LINE_FEED);
      if (end < 0) return;
      this.#isSkipping = false;
      fresh = chunk.subarray(end + 1);
    }
    this.#bytes =
      this.#bytes === EMPTY ? fresh : Buffer.concat([this.#bytes.subarray(this.#at), fresh]);
    this.#at = 0;
    this.#isUtf8 = isUtf8(this.#bytes);
  }

  /** The next whole line; `undefined` until more bytes come. */
  next(): string | undefined {
    for (;;) {
      const from = this.#at;
      const end = this.#bytes.indexOf(LINE_FEED, from);
      if (end < 0) break;
      this.#at = end + 1;
      if (end - from <= this.#limitBytes) return this.#decode(from, end);
      this.#onSkipped();
    }
    this.#tidy();
    return undefined;
  }

  /** What was fed may change from now on. */
  keep(): void {
    if (this.#bytes === EMPTY) return;
    this.#bytes = Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = 0;
  }

  /** No chunk is kept for the sake of a few bytes of it that are done with. */
  #tidy(): void {
    const left = this.#bytes.length - this.#at;
    if (left > this.#limitBytes) {
      this.#isSkipping = true;
      this.#onSkipped();
    } else if (left > 0) return;
    this.#bytes = EMPTY;
    this.#at = 0;
  }

  #decode(from: number, lineEnd: number): string {
    const hasReturn = lineEnd > from && this.#bytes[lineEnd - 1] === CARRIAGE_RETURN;
    const end = hasReturn ? lineEnd - 1 : lineEnd;
    if (this.#isUtf8) return this.#bytes.toString('utf8', from, end);
    const line = this.#bytes.subarray(from, end);
    return isUtf8(line) ? line.toString('utf8') : this.#legacy(line);
  }
}
