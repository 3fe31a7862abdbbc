import type { Logger } from 'pino';
import { soon } from '../in-time.ts';
import type { ContactCard, ContactId, Session } from '../plugin/index.ts';

const TIMEOUT_MS = 10_000;
const KEPT_MS = 300_000;
const MAX_KEPT = 200;
/** Clients ask for the cards of all their contacts at once; networks do not answer so many questions. */
const MAX_PENDING = 8;

interface Kept {
  readonly card: Promise<ContactCard | undefined>;
  readonly until: number;
}

/** What the network tells one user of her contacts: asked once for a while, and never waited for long. */
export class Cards {
  readonly #session: () => Session | undefined;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #kept = new Map<ContactId, Kept>();
  #pending = 0;

  constructor(session: () => Session | undefined, log: Logger, now: () => number) {
    this.#session = session;
    this.#log = log;
    this.#now = now;
  }

  /** `undefined` when the network does not tell: she is not connected, it does not know, or it is too slow. */
  find(contact: ContactId): Promise<ContactCard | undefined> {
    const known = this.#kept.get(contact);
    if (known !== undefined && known.until > this.#now()) return known.card;
    const session = this.#session();
    if (session?.lookup === undefined || this.#pending >= MAX_PENDING) {
      return Promise.resolve(undefined);
    }
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const card = this.#ask(contact, session.lookup(contact));
    this.#kept.set(contact, { card, until: this.#now() + KEPT_MS });
    return card;
  }

  /** What was told of a contact is perhaps no longer true. */
  forget(contact: ContactId): void {
    this.#kept.delete(contact);
  }

  async #ask(contact: ContactId, asked: Promise<ContactCard>): Promise<ContactCard | undefined> {
    this.#pending += 1;
    try {
      const card = await soon(asked, TIMEOUT_MS);
      if (card === undefined) this.#kept.delete(contact);
      return card;
    } catch (error) {
      this.#log.debug({ err: error }, 'the network does not tell of a contact');
      return undefined;
    } finally {
      this.#pending -= 1;
    }
  }
}
