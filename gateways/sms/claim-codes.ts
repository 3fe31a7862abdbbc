import { randomInt, timingSafeEqual } from 'node:crypto';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import type { Office } from './office.ts';
import { ProviderError } from './provider-error.ts';
import { checkRecipient } from './restrictions.ts';
import { segmented } from './segments.ts';
import { texts } from './texts.ts';

const LIFE_MS = 10 * 60_000;
const TRIES = 5;
/** Codes in a day: to one number, asked for by one user, and of the gateway in all. */
const MOST = { number: 3, user: 5, all: 200 };
const DAY_MS = 86_400_000;

interface Code {
  readonly code: string;
  readonly expiresAt: number;
  triesLeft: number;
}

/** Codes that prove that a phone is in the hands of whoever registers its number. */
export class ClaimCodes {
  readonly #office: Office;
  readonly #codes = new Map<string, Code>();
  #sent: { readonly at: number; readonly number: string; readonly user: string }[] = [];

  constructor(office: Office) {
    this.#office = office;
  }

  get isOffered(): boolean {
    return this.#office.options.claims !== undefined;
  }

  /** @throws NetworkError when it could not be sent, or too many were */
  async send(
    number: string,
    {
      user,
      language,
      signal,
    }: { readonly user: string; readonly language: Language; readonly signal: AbortSignal },
  ): Promise<void> {
    const { options, context, carriers, now } = this.#office;
    const words = texts(language);
    const { claims } = options;
    if (claims === undefined) throw new NetworkError('unsupported', words.noNumber);
    const to = { kind: 'number', number } as const;
    checkRecipient(to, options.limits, await this.#office.blocked(), words);
    this.#count(number, user, words.codeTooMany);
    const code = String(randomInt(1_000_000)).padStart(6, '0');
    const text = words.codeText(code, context.domain);
    const key = `code-${user}-${now()}`;
    const out = {
      ...segmented(text),
      key,
      from: claims.from,
      to,
      text,
      files: [],
      at: new Date(now()),
      asksReceipt: false,
      // What becomes of it is nobody's message: the ticket leads nowhere.
      ticket: await this.#office.tickets.seal({ user: '', to: number, key, asksReceipt: false }),
    };
    try {
      await carriers.pick(user, to, claims).send(out, signal);
    } catch (error) {
      throw error instanceof ProviderError ? error.explained(words) : error;
    }
    this.#codes.set(`${user} ${number}`, { code, expiresAt: now() + LIFE_MS, triesLeft: TRIES });
  }

  check(user: string, number: string, given: string): 'right' | 'wrong' | 'expired' {
    const place = `${user} ${number}`;
    const known = this.#codes.get(place);
    if (known === undefined || known.expiresAt < this.#office.now() || known.triesLeft <= 0) {
      this.#codes.delete(place);
      return 'expired';
    }
    known.triesLeft -= 1;
    const digits = Buffer.from(given.replace(/\D/g, '').padStart(6, '0').slice(0, 6));
    if (given.trim() === '' || !timingSafeEqual(digits, Buffer.from(known.code))) {
      return known.triesLeft > 0 ? 'wrong' : 'expired';
    }
    this.#codes.delete(place);
    return 'right';
  }

  #count(number: string, user: string, complaint: string): void {
    const now = this.#office.now();
    this.#sent = this.#sent.filter(({ at }) => now - at < DAY_MS);
    const toNumber = this.#sent.filter((sent) => sent.number === number).length;
    const byUser = this.#sent.filter((sent) => sent.user === user).length;
    if (toNumber >= MOST.number || byUser >= MOST.user || this.#sent.length >= MOST.all) {
      throw new NetworkError('too-fast', complaint);
    }
    this.#sent.push({ at: now, number, user });
    for (const [place, { expiresAt }] of this.#codes)
      if (expiresAt < now) this.#codes.delete(place);
  }
}
