import { isUtf8 } from 'node:buffer';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const legacy = new TextDecoder('windows-1252');

/** Makes lines of text from bytes. A line that is too long is skipped, never kept. */
export class LineSplitter {
  readonly #limitBytes: number;
  readonly #onSkipped: () => void;
  #bytes: Buffer = Buffer.alloc(0);
  #isSkipping = false;

  constructor(limitBytes: number, onSkipped: () => void) {
    this.#limitBytes = limitBytes;
    this.#onSkipped = onSkipped;
  }

  feed(chunk: Buffer): void {
    let fresh = chunk;
    if (this.#isSkipping) {
      const end = chunk.indexOf(lineFeed);
      if (end < 0) return;
      this.#isSkipping = false;
      fresh = chunk.subarray(end + 1);
    }
    this.#bytes = this.#bytes.length === 0 ? fresh : Buffer.concat([this.#bytes, fresh]);
  }

  /** The next whole line; `undefined` until more bytes come. */
  next(): string | undefined {
    for (;;) {
      const end = this.#bytes.indexOf(lineFeed);
      if (end < 0) break;
      const line = this.#bytes.subarray(0, end);
      this.#bytes = this.#bytes.subarray(end + 1);
      if (line.length <= this.#limitBytes) return decodeLine(line);
      this.#onSkipped();
    }
    if (this.#bytes.length > this.#limitBytes) {
      this.#bytes = Buffer.alloc(0);
      this.#isSkipping = true;
      this.#onSkipped();
    }
    return undefined;
  }
}

/** UTF-8 where it can be that, else what Western clients wrote before. */
export function decodeLine(bytes: Buffer): string {
  const line = bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
  return isUtf8(line) ? line.toString('utf8') : legacy.decode(line);
}
