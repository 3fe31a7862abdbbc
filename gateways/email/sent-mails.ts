import type { Address, Memory } from '../../src/plugin/index.ts';
import { contactId } from '../../src/plugin/index.ts';
import { Remembered } from './remembered.ts';
import { shortId } from './writing/message-ids.ts';

/** What has to be known of a mail that was sent, when a report of it comes. */
export interface SentMail {
  readonly key: string;
  readonly to: string;
  readonly id: string;
}

/** In small pieces, as each mail changes one that is written before the mail counts as sent. */
const SIZE = { shards: 64, characters: 7_500 };

/** The mails of ours that reports may be about. A report of any other mail is a forgery or a mistake. */
export class SentMails {
  readonly #remembered: Remembered<SentMail>;

  constructor(memory: Memory) {
    this.#remembered = new Remembered(memory, 'sent', decode, SIZE);
  }

  /** @param ids all by which reports may name it */
  async add(mail: SentMail, ids: readonly string[] = []): Promise<void> {
    await this.#remembered.set(shortId(mail.id), mail);
    for (const id of ids) if (id !== mail.id) await this.#remembered.set(shortId(id), mail);
  }

  byMessageId(id: string): Promise<SentMail | undefined> {
    return this.#remembered.get(shortId(id));
  }

  /** By what {@link shortId} made of the Message-ID. */
  byShortId(id: string): Promise<SentMail | undefined> {
    return this.#remembered.get(id);
  }

  flush(): Promise<void> {
    return this.#remembered.flush();
  }
}

export const addressOf = ({ to }: SentMail): Address => ({ kind: 'contact', id: contactId(to) });

function decode(value: unknown): SentMail | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, key, to } = value as Record<string, unknown>;
  return typeof id === 'string' && typeof key === 'string' && typeof to === 'string'
    ? { id, key, to }
    : undefined;
}
