import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Random numbers are drawn for so many texts at once: it costs as much as for one. */
const DRAWN = 256;
const ALGORITHM = 'aes-256-gcm';

/** The key does not fit what was encrypted, or what was encrypted has been changed. */
export class WrongKeyError extends Error {
  override readonly name = 'WrongKeyError';
}

/** Encrypts what rests on disk (AES-256-GCM): version, nonce, tag, text. Bound to a place, so that nothing can be moved. */
export class CredentialBox {
  readonly #key: Uint8Array;
  readonly #drawn = new Uint8Array(DRAWN * IV_BYTES);
  #used = DRAWN;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(text: string, place: string): Uint8Array {
    const iv = this.#nextIv();
    const cipher = createCipheriv(ALGORITHM, this.#key, iv).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Uint8Array.of(VERSION), iv, cipher.getAuthTag(), sealed]);
  }

  /** Never the same twice: with this algorithm that would give the texts away. */
  #nextIv(): Uint8Array {
    if (this.#used === DRAWN) {
      randomFillSync(this.#drawn);
      this.#used = 0;
    }
    const start = this.#used * IV_BYTES;
    this.#used += 1;
    return this.#drawn.subarray(start, start + IV_BYTES);
  }

  /** @throws WrongKeyError */
  open(sealed: Uint8Array, place: string): string {
    const bytes = Buffer.from(sealed);
    const tagAt = 1 + IV_BYTES;
    const textAt = tagAt + TAG_BYTES;
    if (bytes[0] !== VERSION || bytes.length < textAt) {
      throw new WrongKeyError('this was encrypted by another version of the program');
    }
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(1, tagAt), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(tagAt, textAt));
      return Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()]).toString();
    } catch (cause) {
      throw new WrongKeyError('the key does not fit', { cause });
    }
  }
}
