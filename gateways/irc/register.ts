import type { Socket } from 'node:net';
import framework from 'irc-framework';
import type { Client, IrcMessage } from 'irc-framework';
import { NetworkError } from '../../src/plugin/index.ts';
import { deferred } from './deferred.ts';
import { refusalOf } from './numerics.ts';
import type { ServerFeatures } from './server-features.ts';
import { defaultFeatures, readFeatures } from './server-features.ts';
import { SocketTransport } from './transport.ts';

/** Who the user is on one server. */
export interface Identity {
  readonly nick: string;
  readonly realName: string;
  /** SASL PLAIN. */
  readonly account?: { readonly name: string; readonly password: string };
  readonly serverPassword?: string;
  /** Take another nick like it when it is in use, as after a connection was lost. */
  readonly mayVaryNick: boolean;
}

export interface ConnectionEvents {
  /** A line that irc-framework has parsed and does not need itself; not before the welcome. */
  message(message: IrcMessage): void;
  /** Told once, after {@link register} has resolved. */
  closed(error: NetworkError): void;
  badLine(why: string, error: unknown): void;
}

/** A server that has let the user in. */
export interface Connection {
  readonly transport: SocketTransport;
  /** The nick at the welcome. */
  readonly nick: string;
  /** Whether SASL has taken place. */
  readonly isIdentified: boolean;
  features(): ServerFeatures;
}

/**
 * What irc-framework answers or remembers by itself, all but 005 before the welcome only. The rest is ours alone:
 * that saves most of its cost, and its handlers trust servers too much.
 */
const FRAMEWORK_COMMANDS = new Set(
  'CAP AUTHENTICATE 001 005 900 901 902 903 904 905 906 907 908'.split(' '),
);
const SASL_FAILURES = new Set(['902', '904', '905', '906']);
const NICK_IN_USE = new Set(['433', '436', '437']);
const REGISTRATION_REFUSALS = new Set(['432', '464', '465', '484']);
const MOST_NICK_TRIES = 5;

export interface RegisterOptions {
  readonly socket: Socket;
  readonly identity: Identity;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What the server says until it has let the user in, or not. */
class Introduction {
  readonly welcome = deferred<string>();
  readonly holder: { transport?: SocketTransport } = {};
  readonly #identity: Identity;
  readonly #events: ConnectionEvents;
  isWelcome = false;
  isIdentified = false;
  features = defaultFeatures;
  lastWords: string | undefined;
  #tries = 0;

  constructor(identity: Identity, events: ConnectionEvents) {
    this.#identity = identity;
    this.#events = events;
  }

  read(client: Client, message: IrcMessage, next: () => void): void {
    const { command, params } = message;
    const wasWelcome = this.isWelcome;
    if (command === '005' || (!wasWelcome && FRAMEWORK_COMMANDS.has(command))) next();
    if (command === '005') this.features = readFeatures(client.network.options);
    if (command === 'PING') this.holder.transport?.writeLine(`PONG :${params.at(-1) ?? ''}`);
    else if (command === 'ERROR') this.lastWords = params.at(-1);
    else if (!wasWelcome) this.#greet(message);
    else this.#events.message(message);
  }

  #greet({ command, params }: IrcMessage): void {
    const { nick, mayVaryNick } = this.#identity;
    const refusal = refusalOf(command, params.at(-1));
    if (command === '001') {
      this.isWelcome = true;
      this.welcome.resolve(params[0] ?? nick);
    } else if (command === '900' || command === '903') this.isIdentified = true;
    else if (NICK_IN_USE.has(command) && mayVaryNick && this.#tries++ < MOST_NICK_TRIES) {
      this.holder.transport?.writeLine(`NICK ${nick}${'_'.repeat(this.#tries)}`);
    } else if (refusal !== undefined && isFinal(command)) this.welcome.reject(refusal);
  }
}

/**
 * RFC 2812 §3.1 with IRCv3 capabilities and SASL, by irc-framework over a socket that is connected already.
 * @throws NetworkError credentials, conflict, invalid, refused, unreachable
 */
export async function register(
  { socket, identity, timeoutMs, signal }: RegisterOptions,
  events: ConnectionEvents,
): Promise<Connection> {
  const client = new framework.Client();
  const introduction = new Introduction(identity, events);
  const { welcome, holder } = introduction;
  client.use((_client, raw) =>
    raw.use((_command, message, _line, _self, next) => {
      // What is thrown here, irc-framework would write to the console.
      try {
        introduction.read(client, message, next);
      } catch (error) {
        events.badLine('not handled', error);
      }
    }),
  );
  client.on('socket close', (error) => {
    const closed = closedError(introduction.lastWords, error);
    if (introduction.isWelcome) events.closed(closed);
    else welcome.reject(closed);
  });
  const abort = (): void => welcome.reject(tooLate());
  const timer = setTimeout(abort, timeoutMs);
  signal.addEventListener('abort', abort);
  connect(client, socket, identity, holder, events);
  try {
    const nick = await welcome.promise;
    const { transport } = holder;
    if (transport === undefined) throw new NetworkError('unreachable', 'Not connected.');
    const { isIdentified } = introduction;
    return { transport, nick, isIdentified, features: () => introduction.features };
  } catch (error) {
    holder.transport?.close(true);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function tooLate(): NetworkError {
  return new NetworkError('unreachable', 'The server did not welcome you in time.');
}

function isFinal(command: string): boolean {
  return (
    SASL_FAILURES.has(command) || NICK_IN_USE.has(command) || REGISTRATION_REFUSALS.has(command)
  );
}

function connect(
  client: Client,
  socket: Socket,
  identity: Identity,
  holder: { transport?: SocketTransport },
  events: ConnectionEvents,
): void {
  client.connect({
    host: 'connected already',
    nick: identity.nick,
    username: userName(identity.nick),
    gecos: identity.realName,
    // An empty account keeps irc-framework from using the password of the server for SASL.
    account:
      identity.account === undefined
        ? {}
        : { account: identity.account.name, password: identity.account.password },
    password: identity.serverPassword,
    auto_reconnect: false,
    ping_interval: 0,
    ping_timeout: 0,
    socket,
    onBadLine: (why: string, error?: unknown) => events.badLine(why, error),
    transport: class extends SocketTransport {
      constructor(options: ConstructorParameters<typeof SocketTransport>[0]) {
        super(options);
        holder.transport = this;
      }
    },
  });
}

function userName(nick: string): string {
  return nick.replace(/[^A-Za-z0-9]/g, '').slice(0, 10) || 'user';
}

const BANNED = /\b([kgz]-?line|akill|banned|autokill)/i;

function closedError(words: string | undefined, cause: unknown): NetworkError {
  const says =
    words === undefined ? 'The server closed the connection.' : `The server says: "${words}"`;
  const isBanned = words !== undefined && BANNED.test(words);
  return new NetworkError(isBanned ? 'refused' : 'unreachable', says, { cause });
}

export function toNetworkError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  return new NetworkError('unreachable', 'The connection to the IRC server failed.', {
    cause: error,
  });
}
