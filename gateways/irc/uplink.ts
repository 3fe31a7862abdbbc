import { NetworkError } from '../../src/plugin/index.ts';
import type { Event, Host, Language, NetworkEvent } from '../../src/plugin/index.ts';
import { charsetOf } from './charset.ts';
import type { Crowd } from './crowd.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import { dial } from './dial.ts';
import { oneLine } from './encode-line.ts';
import { portsFor, withPreferences } from './identity.ts';
import { parseLine } from './irc-message.ts';
import type { IrcMessage } from './irc-message.ts';
import { loadPreferences } from './preferences.ts';
import { closedError, register, toNetworkError } from './register.ts';
import type { Connection, Identity } from './register.ts';
import type { SecureContexts } from './secure-contexts.ts';
import { Sender } from './sender.ts';
import type { Unfinished } from './sender.ts';
import type { ServerNames, ServerSettings } from './servers.ts';
import type { Shared } from './shared.ts';
import type { Timings } from './timings.ts';
import type { LineSink, Transport } from './transport.ts';
import { troubleTexts } from './trouble-texts.ts';
import type { TroubleTexts } from './trouble-texts.ts';

/** So long after a failure, what the user wants waits for the next try instead of making one. */
const NUDGE_MS = 5_000;

export interface LinkContext {
  readonly settings: ServerSettings;
  readonly nameOf: ServerNames;
  readonly identity: Omit<Identity, 'mayVaryNick'>;
  readonly secure: SecureContexts;
  readonly shared: Shared;
  readonly crowd: Crowd;
  readonly timings: Timings;
  readonly host: Host;
  /** Aborts when the user's session ends. */
  readonly signal: AbortSignal;
}

/** Of a connection that counts no more. */
const NOBODY: LineSink = {
  line: () => undefined,
  closed: () => undefined,
  badLine: () => undefined,
};

/** Where a connection goes. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** Who uses a connection. */
export interface UplinkOwner {
  wantedNick: string;
  /** Rooms were lost that we mean to come back to. */
  readonly isReturning: boolean;
  readonly isNeeded: boolean;
  readonly hasEcho: boolean;
  readonly language: Language;
  hear(message: IrcMessage): void;
  cameUp(connection: Connection, sender: Sender): void;
  /** @param returning a new connection will be tried. */
  wentDown(error: NetworkError, returning: boolean, isWanted: boolean): void;
  /** There will be no further try. */
  gaveUp(error: NetworkError): void;
  emit(event: Event): void;
  tellState(state: NetworkEvent['state'], text?: string): void;
}

/** The connection of one user to one server: made when first needed, made again after it was lost. */
export class Uplink implements LineSink {
  readonly #context: LinkContext;
  readonly #owner: UplinkOwner;
  #unfinished: Unfinished | undefined;
  #transport: Transport | undefined;
  #sender: Sender | undefined;
  #connecting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failedAt = 0;
  #up: Deferred<void> | undefined;
  #retryMs: number;
  #isPinged = false;
  #lastWords: string | undefined;
  /** When the connection that was lost last gave a sign of life. */
  heardAt = 0;

  constructor(context: LinkContext, owner: UplinkOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#retryMs = context.timings.reconnectMinMs;
  }

  get #language(): Language {
    return this.#context.host.language;
  }

  get #troubles(): TroubleTexts {
    return troubleTexts(this.#language);
  }

  get transport(): Transport | undefined {
    return this.#transport;
  }

  get sender(): Sender | undefined {
    return this.#sender;
  }

  get isUp(): boolean {
    return this.#transport !== undefined;
  }

  /** Where the connection goes; absent when there is none. */
  get endpoint(): Endpoint | undefined {
    const port = this.#transport?.port;
    if (port === undefined) return undefined;
    return { host: this.#context.settings.host, ...port };
  }

  /** Milliseconds since 1970. */
  get connectedAt(): number {
    return this.#transport?.connectedAt ?? 0;
  }

  get isIdle(): boolean {
    return this.#transport === undefined && this.#connecting === undefined;
  }

  line(text: string): void {
    const message = parseLine(text);
    if (message === undefined || this.#transport === undefined) return;
    const { command, params } = message;
    if (command === 'PING') this.#transport.writeLine(`PONG :${params.at(-1) ?? ''}`);
    else if (command === 'ERROR') this.#lastWords = params.at(-1);
    else this.#owner.hear(message);
  }

  closed(cause: Error | undefined): void {
    this.#lost(closedError(this.#lastWords, cause, this.#language), false);
  }

  badLine(why: string, error?: unknown): void {
    this.#context.host.log.warn({ err: error, why }, 'dropped a line');
  }

  /** Looks after the connection: called every few seconds. */
  beat(now: number): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    const { pingIntervalMs, pingTimeoutMs } = this.#context.timings;
    this.#sender?.beat(now);
    const silentMs = transport.isHeld ? 0 : now - transport.receivedAt;
    if (silentMs < pingIntervalMs) this.#isPinged = false;
    else if (!this.#isPinged) {
      this.#isPinged = true;
      this.#sender?.urgent('PING :causeway');
    } else if (silentMs > pingIntervalMs + pingTimeoutMs) transport.close(true);
  }

  quit(reason: string): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const error = new NetworkError('unreachable', this.#troubles.disconnected);
    this.#up?.reject(error);
    this.#up = undefined;
    const transport = this.#transport;
    if (transport === undefined) return;
    transport.writeLine(`QUIT :${reason}`);
    this.#lost(error, true);
    transport.close(false, this.#context.timings.quitTimeoutMs);
  }

  /** Hangs up at once, because of what the server does. @param error says whether to come back */
  hangUp(error: NetworkError): void {
    const transport = this.#transport;
    this.#lost(error, false);
    transport?.close(true);
  }

  /** Connects unless that is done or under way. @throws NetworkError */
  async connected(): Promise<void> {
    if (this.#transport !== undefined) return;
    if (this.#retry !== undefined && Date.now() - this.#failedAt < NUDGE_MS) {
      this.#up ??= deferred<void>();
      await this.#up.promise;
      return;
    }
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    await this.#connecting;
  }

  /** The sender, once there is a connection. @throws NetworkError unreachable */
  async whenReady(): Promise<Sender> {
    if (this.#sender !== undefined) return this.#sender;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new NetworkError('unreachable', this.#troubles.notReached);
      timer = setTimeout(() => reject(error), this.#context.timings.sendTimeoutMs);
    });
    try {
      await Promise.race([this.connected(), late]);
    } finally {
      clearTimeout(timer);
    }
    return this.senderNow();
  }

  /** @throws NetworkError unreachable */
  senderNow(): Sender {
    if (this.#sender !== undefined) return this.#sender;
    throw new NetworkError('unreachable', this.#troubles.noConnection);
  }

  async #connect(): Promise<void> {
    const { settings, secure, timings, signal, identity, host } = this.#context;
    this.#owner.tellState('connecting');
    try {
      const { connectTimeoutMs } = timings;
      const preferences = await loadPreferences(host.memory, settings.names);
      if (preferences.nick !== undefined && !this.#owner.isReturning) {
        this.#owner.wantedNick = preferences.nick;
      }
      const own = withPreferences(identity, this.#owner.wantedNick, preferences);
      const { language } = host;
      const { certificate } = preferences;
      const way = { secure, connectTimeoutMs, language, certificate };
      const wire = await dial(portsFor(settings, own), way, signal);
      const connection = await register({
        wire,
        identity: { ...own, mayVaryNick: this.#owner.isReturning },
        charset:
          preferences.charset === undefined ? settings.charset : charsetOf(preferences.charset),
        timeoutMs: timings.registrationTimeoutMs,
        saslTimeoutMs: timings.saslTimeoutMs,
        signal,
        language,
      });
      this.#online(connection, preferences.commands ?? []);
    } catch (error) {
      const trouble = toNetworkError(error, this.#language);
      this.#owner.tellState('offline', trouble.message);
      this.#failed(trouble);
      throw trouble;
    }
  }

  #online(connection: Connection, commands: readonly string[]): void {
    const { settings, timings } = this.#context;
    const { transport } = connection;
    this.#unfinished ??= new Map();
    this.#transport = transport;
    this.#lastWords = undefined;
    this.#isPinged = false;
    this.#sender = new Sender({
      transport,
      throttle: settings.throttle,
      timings,
      unfinished: this.#unfinished,
      owner: this.#owner,
    });
    for (const line of commands) this.#sender.line(oneLine(line));
    this.#owner.cameUp(connection, this.#sender);
    transport.sink = this;
    connection.release();
    this.#up?.resolve();
    this.#up = undefined;
  }

  #lost(error: NetworkError, isWanted: boolean): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    this.#transport = undefined;
    // It may take a while to close, with another one in its place by then.
    transport.sink = NOBODY;
    this.heardAt = transport.receivedAt;
    const { signal, timings } = this.#context;
    if (Date.now() - transport.connectedAt >= timings.stableMs) {
      this.#retryMs = timings.reconnectMinMs;
    }
    this.#sender?.fail(error, transport.receivedAt);
    this.#sender = undefined;
    const returning = !isWanted && error.kind !== 'refused' && !signal.aborted;
    this.#owner.tellState('offline', isWanted ? undefined : error.message);
    this.#owner.wentDown(error, returning, isWanted);
    if (returning && this.#owner.isNeeded) this.#tryAgain();
  }

  /** Goes on trying for the channels that were lost, whoever has asked for the connection. */
  #failed(error: NetworkError): void {
    this.#failedAt = Date.now();
    const isHopeless = error.kind === 'refused' || error.kind === 'credentials';
    if (this.#owner.isReturning && !isHopeless && !this.#context.signal.aborted) {
      return this.#tryAgain();
    }
    this.#owner.gaveUp(error);
    this.#up?.reject(error);
    this.#up = undefined;
  }

  #tryAgain(): void {
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, this.#context.timings.reconnectMaxMs);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#context.signal.aborted || !this.#owner.isNeeded) return;
      this.connected().catch(() => undefined);
    }, delayMs);
  }
}
