import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { refusalOf } from './numerics.ts';
import { numericTexts } from './numeric-texts.ts';
import { troubleTexts } from './trouble-texts.ts';

/** With a password (RFC 4616), or by the certificate of the connection (RFC 4422, appendix A). */
export type Credentials =
  | { readonly mechanism: 'PLAIN'; readonly account: string; readonly password: string }
  | { readonly mechanism: 'EXTERNAL'; readonly account: string };

const CHUNK_LENGTH = 400;
const SUCCESS = new Set(['903', '907']);
const FAILURES = new Set(['902', '904', '905', '906', '908']);

/** IRCv3 SASL: one attempt to prove who the user is. */
export class Sasl {
  readonly #credentials: Credentials;
  readonly #language: Language;
  #state: 'idle' | 'under way' | 'done' = 'idle';

  constructor(credentials: Credentials, language: Language) {
    this.#credentials = credentials;
    this.#language = language;
  }

  get isUnderWay(): boolean {
    return this.#state === 'under way';
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Whether the server, which lists its mechanisms or not, may take what we have. */
  isPossible(mechanisms: string): boolean {
    if (mechanisms === '') return true;
    return mechanisms.toUpperCase().split(',').includes(this.#credentials.mechanism);
  }

  /** @returns the line to send. */
  begin(): string | undefined {
    if (this.#state !== 'idle') return undefined;
    this.#state = 'under way';
    return `AUTHENTICATE ${this.#credentials.mechanism}`;
  }

  /** The server asks. @returns the lines to send. */
  answer(challenge: string): string[] {
    if (this.#state !== 'under way' || challenge !== '+') return [];
    const text = Buffer.from(responseOf(this.#credentials)).toString('base64');
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += CHUNK_LENGTH) {
      lines.push(`AUTHENTICATE ${text.slice(at, at + CHUNK_LENGTH)}`);
    }
    // What fills its last piece is followed by an empty one.
    if (text.length % CHUNK_LENGTH === 0) lines.push('AUTHENTICATE +');
    return lines;
  }

  /** @returns what a numeric makes of the attempt; `undefined` when it is not about it. */
  hear(numeric: string, params: readonly string[]): NetworkError | 'done' | undefined {
    if (SUCCESS.has(numeric)) {
      this.#state = 'done';
      return 'done';
    }
    if (!FAILURES.has(numeric)) return undefined;
    // The list of mechanisms comes before the refusal itself, or alone.
    if (numeric === '908') {
      return new NetworkError('credentials', troubleTexts(this.#language).noMechanism);
    }
    return (
      refusalOf(numeric, params.at(-1), this.#language) ??
      new NetworkError('credentials', numericTexts(this.#language)['904'])
    );
  }
}

function responseOf(credentials: Credentials): string {
  const { mechanism, account } = credentials;
  return mechanism === 'EXTERNAL' ? account : `${account}\0${account}\0${credentials.password}`;
}
