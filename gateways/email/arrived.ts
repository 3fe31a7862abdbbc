import { hash } from 'node:crypto';
import type { Memory } from '../../src/plugin/index.ts';
import type { Reading } from './reading/reading.ts';
import { Remembered } from './remembered.ts';
import { shortId } from './writing/message-ids.ts';

const SIZE = { shards: 32, characters: 7_500 };

/**
 * The mails that have come to a name of our own domain: some programs give all that they write the same Message-ID, which does not make
 * one mail of them.
 */
export class Arrived {
  readonly #remembered: Remembered<string>;

  constructor(memory: Memory) {
    this.#remembered = new Remembered(memory, 'arrived', decode, SIZE);
  }

  /** The mail, under an id that no other one has come under. */
  async named(reading: Reading): Promise<Reading> {
    const id = shortId(reading.id);
    const stamp = shortId(reading.writtenAt).slice(0, 8);
    const known = await this.#remembered.get(id);
    if (known !== undefined && known !== stamp) return underAnotherId(reading);
    if (known === undefined) await this.#remembered.set(id, stamp);
    return reading;
  }

  /** On disk when it resolves. */
  flush(): Promise<void> {
    return this.#remembered.flush();
  }
}

/** Under an id of ours, as its own is that of another mail; the same one whenever it comes. */
export function underAnotherId(reading: Reading): Reading {
  const digest = hash('sha256', `${reading.id}\0${reading.writtenAt}`, 'hex').slice(0, 32);
  return { ...reading, id: `${digest}@no-message-id.invalid` };
}

const decode = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
