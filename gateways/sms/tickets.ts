import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Memory } from '../../src/plugin/index.ts';

/** What a callback has to bring back so that it can be told to the right user about the right text. */
export interface Ticket {
  readonly user: string;
  /** The contact's id. */
  readonly to: string;
  /** That of the message. */
  readonly key: string;
  readonly asksReceipt: boolean;
}

const KEY = 'ticket-key';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Tickets that travel through a provider and back. They are sealed (AES-256-GCM): the provider learns nothing of our
 * users from them, and nobody can make one. Nothing has to be kept of a text until its callback comes, however late.
 */
export class Tickets {
  readonly #memory: Memory;
  #key: Promise<Buffer> | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Letters, digits, "-" and "_". */
  async seal({ user, to, key, asksReceipt }: Ticket): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.#secret(), nonce);
    const text = [asksReceipt ? 'r' : '', user, to, key].join('\n');
    const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return sealed.toString('base64url');
  }

  /** `undefined` for what we have not sealed. */
  async open(text: string): Promise<Ticket | undefined> {
    const sealed = Buffer.from(text, 'base64url');
    if (sealed.length < NONCE_BYTES + TAG_BYTES || sealed.length > 4_096) return undefined;
    const decipher = createDecipheriv(
      'aes-256-gcm',
      await this.#secret(),
      sealed.subarray(0, NONCE_BYTES),
    );
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    let opened: string;
    try {
      const content = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      opened = Buffer.concat([content, decipher.final()]).toString();
    } catch {
      return undefined;
    }
    const [receipt, user, to, ...key] = opened.split('\n');
    if (user === undefined || to === undefined) return undefined;
    return { user, to, key: key.join('\n'), asksReceipt: receipt === 'r' };
  }

  #secret(): Promise<Buffer> {
    this.#key ??= this.#readSecret().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #readSecret(): Promise<Buffer> {
    const known = await this.#memory.get(KEY);
    if (known !== undefined) return Buffer.from(known, 'base64');
    const made = randomBytes(32);
    await this.#memory.set(KEY, made.toString('base64'));
    return made;
  }
}
