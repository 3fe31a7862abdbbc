import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** So much is kept in memory. */
const MEMORY_BYTES = 262_144;

/**
 * Bytes that are wanted again: in memory while they are few, else in a temporary file. It has no name once it is open, so nobody else
 * finds it, and it is gone with the process whatever happens.
 */
export class Spool {
  readonly #chunks: Uint8Array[] = [];
  #file: Promise<FileHandle> | undefined;
  sizeBytes = 0;
  #isDiscarded = false;

  /** One after the other. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#isDiscarded) return;
    this.sizeBytes += chunk.byteLength;
    if (this.#file === undefined && this.sizeBytes <= MEMORY_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.#file ??= nameless();
    const file = await this.#file;
    for (const one of [...this.#chunks.splice(0), chunk]) {
      let written = 0;
      while (written < one.byteLength) {
        written += (await file.write(one, written)).bytesWritten;
      }
    }
  }

  /** All of it, from its beginning. Not while it is written. */
  async read(): Promise<Readable> {
    const file = await this.#file;
    return file === undefined
      ? Readable.from(this.#chunks)
      : file.createReadStream({ start: 0, autoClose: false });
  }

  async content(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.read()) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks);
  }

  /** Nobody wants it any more. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    this.#chunks.length = 0;
    const file = this.#file;
    this.#file = undefined;
    // One that could not be opened has nothing to close.
    await file?.then(
      (open) => open.close(),
      () => undefined,
    );
  }
}

async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `causeway-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
