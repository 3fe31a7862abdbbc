import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { NetworkError } from '../plugin/index.ts';
import { mediaTexts } from './texts.ts';

/** The contents of files, under names by chance in a folder that is ours alone. */
export class MediaFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes a content to disk as it comes.
   * @throws NetworkError too-large; whatever the content fails with; nothing is left behind then
   */
  async write(
    content: ReadableStream<Uint8Array>,
    maxBytes: number,
  ): Promise<{ readonly id: string; readonly sizeBytes: number }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const id = randomBytes(18).toString('base64url');
    const handle = await open(this.#pathOf(id), 'wx', 0o600);
    let sizeBytes = 0;
    try {
      for await (const chunk of content) {
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) throw new NetworkError('too-large', mediaTexts('en').tooLarge);
        await handle.writeFile(chunk);
      }
      await handle.sync();
      return { id, sizeBytes };
    } catch (error) {
      await this.remove(id);
      throw error;
    } finally {
      await handle.close();
    }
  }

  read(id: string, range?: { readonly start: number; readonly end: number }): Readable {
    return createReadStream(this.#pathOf(id), range);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  async ids(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch {
      return [];
    }
  }

  #pathOf(id: string): string {
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw new Error('not the id of a file');
    return join(this.#folder, id);
  }
}
