import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { NO_CAPABILITIES, acknowledged, echoIn, readOffer, wantedOf } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import type { Charset } from './charset.ts';
import { deferred } from './deferred.ts';
import type { Wire } from './dial.ts';
import { serverSays } from './formatting.ts';
import { parseLine } from './irc-message.ts';
import type { IrcMessage } from './irc-message.ts';
import { readMultilineLimits } from './multiline.ts';
import type { MultilineLimits } from './multiline.ts';
import { refusalOf } from './numerics.ts';
import { Sasl } from './sasl.ts';
import type { Credentials } from './sasl.ts';
import { Transport } from './transport.ts';
import type { LineSink } from './transport.ts';
import { troubleTexts } from './trouble-texts.ts';

/** Who the user is on one server. */
export interface Identity {
  readonly nick: string;
  readonly userName: string;
  readonly realName: string;
  readonly credentials?: Credentials;
  readonly serverPassword?: string;
  /** A line that says where she comes from, for a server that takes our word for it. */
  readonly webirc?: string;
  /** Take another nick like it when it is in use, as after a connection was lost. */
  readonly mayVaryNick: boolean;
}

/** A server that has let the user in. */
export interface Connection {
  /** Held: the one who takes the connection over sets its sink, then calls `release`. */
  readonly transport: Transport;
  readonly release: () => void;
  /** The nick at the welcome. */
  readonly nick: string;
  /** Whether SASL has taken place. */
  readonly isIdentified: boolean;
  readonly capabilities: Capabilities;
  /** What it offers of what is of use only together. */
  readonly echoOffer: readonly string[];
  /** What it takes as one message, where it has draft/multiline. */
  readonly multiline: MultilineLimits | undefined;
}

export interface RegisterOptions {
  readonly wire: Wire;
  readonly identity: Identity;
  /** Of lines that are no UTF-8. */
  readonly charset?: Charset | undefined;
  readonly timeoutMs: number;
  /** How long the server may be silent while it checks a password. */
  readonly saslTimeoutMs: number;
  readonly signal: AbortSignal;
  /** The one to speak to the user in errors. */
  readonly language: Language;
}

const NICK_IN_USE = new Set(['433', '436', '437']);
const REGISTRATION_REFUSALS = new Set(['432', '464', '465', '466', '484']);
const MOST_NICK_TRIES = 5;
const MOST_OFFER_LENGTH = 16_384;

/**
 * RFC 2812 §3.1 with IRCv3 capabilities and SASL.
 * @throws NetworkError credentials, conflict, invalid, refused, unreachable
 */
export async function register(options: RegisterOptions): Promise<Connection> {
  const { timeoutMs, saslTimeoutMs, signal, language } = options;
  const introduction = new Introduction(options);
  const abort = (): void => introduction.fail(tooLate(language));
  const timer = setTimeout(abort, timeoutMs);
  const saslTimer = setTimeout(
    () => introduction.stopNegotiating(),
    Math.min(saslTimeoutMs, timeoutMs / 2),
  );
  signal.addEventListener('abort', abort);
  try {
    introduction.begin();
    return await introduction.connection;
  } catch (error) {
    introduction.transport.close(true);
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(saslTimer);
    signal.removeEventListener('abort', abort);
  }
}

/** What is said until the server has let the user in, or not. */
class Introduction implements LineSink {
  readonly transport: Transport;
  readonly #identity: Identity;
  readonly #language: Language;
  readonly #sasl: Sasl | undefined;
  readonly #welcome = deferred<Connection>();
  #capabilities = NO_CAPABILITIES;
  #multiline: MultilineLimits | undefined;
  /** What the server has offered so far, over several lines. */
  #offer = '';
  /** Requests that are not answered yet. */
  readonly #requested = new Set<string>();
  /** Those that were requested in one line. */
  readonly #groups = new Set<string>();
  #isNegotiating = true;
  #isOver = false;
  #lastWords: string | undefined;
  #tries = 0;

  constructor({ wire, identity, charset, language }: RegisterOptions) {
    this.transport = new Transport(wire, this, charset);
    this.#identity = identity;
    this.#language = language;
    const { credentials } = identity;
    this.#sasl = credentials === undefined ? undefined : new Sasl(credentials, language);
  }

  get connection(): Promise<Connection> {
    return this.#welcome.promise;
  }

  /** All at once: servers that know no capabilities pass over CAP, the others wait for its end. */
  begin(): void {
    const { nick, userName, realName, serverPassword, webirc } = this.#identity;
    if (webirc !== undefined) this.transport.writeLine(webirc);
    this.transport.writeLine('CAP LS 302');
    if (serverPassword !== undefined) this.transport.writeLine(`PASS :${serverPassword}`);
    this.transport.writeLine(`NICK ${nick}`);
    this.transport.writeLine(`USER ${userName} 0 * :${realName}`);
  }

  line(text: string): void {
    const message = this.#isOver ? undefined : parseLine(text);
    if (message !== undefined) this.#hear(message);
  }

  closed(cause: Error | undefined): void {
    this.fail(closedError(this.#lastWords, cause, this.#language));
  }

  badLine(): void {
    // A server with such lines may still let us in.
  }

  fail(error: NetworkError): void {
    this.#isOver = true;
    this.#welcome.reject(error);
  }

  /** The server does not answer to CAP or AUTHENTICATE: we go in without. */
  stopNegotiating(): void {
    if (!this.#isNegotiating || this.#isOver) return;
    this.#isNegotiating = false;
    if (this.#sasl?.isUnderWay === true) this.transport.writeLine('AUTHENTICATE *');
    this.transport.writeLine('CAP END');
  }

  #hear(message: IrcMessage): void {
    const { command, params } = message;
    switch (command) {
      case 'PING':
        return this.transport.writeLine(`PONG :${params.at(-1) ?? ''}`);
      case 'ERROR':
        this.#lastWords = params.at(-1);
        return;
      case 'CAP':
        return this.#negotiate(params);
      case 'AUTHENTICATE':
        for (const line of this.#sasl?.answer(params[0] ?? '') ?? []) {
          this.transport.writeLine(line);
        }
        return;
      case '001':
        return this.#enter(params[0]);
      default:
        return this.#numeric(command, params);
    }
  }

  #numeric(command: string, params: readonly string[]): void {
    const { nick, mayVaryNick } = this.#identity;
    if (this.#sasl?.isUnderWay === true) {
      const end = this.#sasl.hear(command, params);
      if (end === 'done') return this.#endIfDone();
      if (end !== undefined) return this.fail(end);
    }
    if (NICK_IN_USE.has(command)) {
      if (mayVaryNick && this.#tries < MOST_NICK_TRIES) {
        this.#tries += 1;
        return this.transport.writeLine(`NICK ${nick}${'_'.repeat(this.#tries)}`);
      }
    } else if (!REGISTRATION_REFUSALS.has(command)) return;
    const refusal = refusalOf(command, params.at(-1), this.#language);
    if (refusal !== undefined) this.fail(refusal);
  }

  /** IRCv3 Capability Negotiation. */
  #negotiate([, subcommand = '', ...rest]: readonly string[]): void {
    if (!this.#isNegotiating) return;
    const names = (rest.at(-1) ?? '').split(' ').filter((name) => name !== '');
    switch (subcommand.toUpperCase()) {
      case 'LS':
        this.#offer = `${this.#offer} ${names.join(' ')}`.slice(0, MOST_OFFER_LENGTH);
        if (rest.length < 2) this.#ask(readOffer(this.#offer));
        return;
      case 'ACK':
        this.#capabilities = acknowledged(this.#capabilities, names);
        if (names.includes('sasl')) this.#authenticate();
        break;
      case 'NAK':
        // Together they are refused when one of them is.
        if (names.length > 1 && this.#groups.delete(names.join(' '))) {
          for (const name of names) this.#request([name]);
          return;
        }
        break;
      default:
        return;
    }
    for (const name of names) this.#requested.delete(name);
    this.#endIfDone();
  }

  #ask(offer: ReadonlyMap<string, string>): void {
    this.#multiline = readMultilineLimits(offer.get('draft/multiline'));
    const names = wantedOf([...offer.keys()], this.#capabilities);
    if (names.length > 0) this.#request(names);
    const mechanisms = offer.get('sasl');
    if (mechanisms !== undefined && this.#sasl?.isPossible(mechanisms) === true) {
      this.#request(['sasl']);
    }
    this.#endIfDone();
  }

  #request(names: readonly string[]): void {
    for (const name of names) this.#requested.add(name);
    this.#groups.add(names.join(' '));
    this.transport.writeLine(`CAP REQ :${names.join(' ')}`);
  }

  #authenticate(): void {
    const line = this.#sasl?.begin();
    if (line !== undefined) this.transport.writeLine(line);
  }

  #endIfDone(): void {
    if (this.#requested.size > 0 || this.#sasl?.isUnderWay === true) return;
    if (!this.#isNegotiating) return;
    this.#isNegotiating = false;
    this.transport.writeLine('CAP END');
  }

  #enter(nick: string | undefined): void {
    this.#isOver = true;
    this.#welcome.resolve({
      transport: this.transport,
      release: this.transport.hold(),
      nick: nick ?? this.#identity.nick,
      isIdentified: this.#sasl?.isDone ?? false,
      capabilities: this.#capabilities,
      echoOffer: echoIn([...readOffer(this.#offer).keys()]),
      multiline: this.#multiline,
    });
  }
}

function tooLate(language: Language): NetworkError {
  return new NetworkError('unreachable', troubleTexts(language).noWelcome);
}

const BANNED = /\b([kgz]-?line|akill|banned|autokill)/i;

export function closedError(
  words: string | undefined,
  cause: unknown,
  language: Language,
): NetworkError {
  const says = words === undefined ? troubleTexts(language).closed : serverSays(words, language);
  const isBanned = words !== undefined && BANNED.test(words);
  return new NetworkError(isBanned ? 'refused' : 'unreachable', says, { cause });
}

export function toNetworkError(error: unknown, language: Language): NetworkError {
  if (error instanceof NetworkError) return error;
  return new NetworkError('unreachable', troubleTexts(language).failed, {
    cause: error,
  });
}
