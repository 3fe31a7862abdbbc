import { networkId, NetworkError } from '../../src/plugin/index.ts';
import type { Address, Host, RoomId, RoomState } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';
import { Answers } from './answers.ts';
import { Channel } from './channel.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import { dial } from './dial.ts';
import { cutBytes } from './encode-line.ts';
import { handleMessage } from './incoming.ts';
import { foldName } from './names.ts';
import { register, toNetworkError } from './register.ts';
import type { Connection, Identity } from './register.ts';
import type { SecureContexts } from './secure-contexts.ts';
import { Sender } from './sender.ts';
import type { Unfinished } from './sender.ts';
import { defaultFeatures } from './server-features.ts';
import type { ServerFeatures } from './server-features.ts';
import type { ServerSettings } from './servers.ts';
import type { Timings } from './timings.ts';

/** Of a reason for leaving, or for putting others out. */
export const LONGEST_REASON_BYTES = 300;
/** So long after a failure, what the user wants waits for the next try instead of making one. */
const NUDGE_MS = 5_000;

export interface LinkContext {
  readonly settings: ServerSettings;
  readonly identity: Omit<Identity, 'mayVaryNick'>;
  readonly secure: SecureContexts;
  readonly timings: Timings;
  readonly host: Host;
  /** Aborts when the user's session ends. */
  readonly signal: AbortSignal;
}

/** One user on one server: connects when first needed, stays while there are channels, comes back by itself. */
export class ServerLink {
  readonly context: LinkContext;
  readonly channels = new Map<string, Channel>();
  readonly answers = new Answers();
  /** Channels whose PART is on its way while their JOIN was not answered, folded. */
  readonly leaving = new Set<string>();
  readonly #unfinished: Unfinished = new Map();
  #connection: Connection | undefined;
  #sender: Sender | undefined;
  #connecting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failedAt = 0;
  #up: Deferred<void> | undefined;
  #regainedAt = 0;
  #retryMs: number;
  #usedAt = Date.now();
  #isPinged = false;
  nick: string;
  wantedNick: string;

  constructor(context: LinkContext) {
    this.context = context;
    this.nick = context.identity.nick;
    this.wantedNick = context.identity.nick;
    this.#retryMs = context.timings.reconnectMinMs;
  }

  get features(): ServerFeatures {
    return this.#connection?.features() ?? defaultFeatures;
  }

  get sender(): Sender | undefined {
    return this.#sender;
  }

  /** Nothing would be missed if this link were dropped. */
  get isUnused(): boolean {
    return (
      this.channels.size === 0 && this.#connection === undefined && this.#connecting === undefined
    );
  }

  fold(name: string): string {
    return foldName(name, this.features.casemapping);
  }

  isSelf(nick: string): boolean {
    return this.fold(nick) === this.fold(this.nick);
  }

  /** Whether the user has a nick like hers, for hers was taken when the connection came back. */
  get isAlias(): boolean {
    return (
      this.nick !== this.wantedNick &&
      /^_+$/.test(this.nick.slice(this.wantedNick.length)) &&
      this.nick.startsWith(this.wantedNick)
    );
  }

  /** Somebody has given this nick up. */
  freed(nick: string): void {
    if (this.isAlias && this.fold(nick) === this.fold(this.wantedNick)) this.#regain();
  }

  /** The server has said which names are the same to it. */
  rekey(): void {
    const channels = [...this.channels.values()];
    this.channels.clear();
    for (const channel of channels) this.channels.set(this.fold(channel.name), channel);
  }

  /** Does something when the core has seen what was resolved just now, and before the next line is read. */
  afterTurn(work: () => void): void {
    const release = this.#connection?.transport.hold();
    setImmediate(() => {
      work();
      release?.();
    });
  }

  /** Tells the core, and stops reading while it is behind. */
  emit(event: Parameters<Host['emit']>[0]): void {
    const pending = this.context.host.emit(event);
    if (pending === undefined) return;
    const release = this.#connection?.transport.hold();
    if (release !== undefined) pending.then(release, release);
  }

  async join(room: RoomId, key: string | undefined): Promise<RoomState> {
    const { name } = placeOf(room);
    const folded = this.fold(name);
    const known = this.channels.get(folded);
    if (known?.phase === 'in') return known.state(this.nick, this.features);
    if (known?.entry !== undefined) return known.entry.promise;
    const channel = new Channel(room, name, this.context.settings.id, key);
    this.channels.set(folded, channel);
    const entry = (channel.entry = deferred<RoomState>());
    this.#limitEntry(channel, this.context.timings.joinTimeoutMs);
    try {
      await this.connected();
      if (this.find(room) === channel && !channel.isJoinSent) this.#askToEnter(channel);
    } catch (error) {
      this.refuseEntry(channel, toNetworkError(error));
    }
    return entry.promise;
  }

  leave(room: RoomId, reason: string | undefined): void {
    const channel = this.find(room);
    if (channel === undefined) return;
    this.forget(channel);
    channel.entry?.reject(new NetworkError('not-joined', 'You left the channel.'));
    if (!channel.isJoinSent && channel.phase !== 'in' && channel.phase !== 'entering') return;
    if (this.#sender === undefined) return;
    if (channel.phase === 'asked') this.leaving.add(this.fold(channel.name));
    this.#sender.command('PART', channel.name, cutBytes(reason ?? '', LONGEST_REASON_BYTES));
  }

  async send(to: Address, key: string, text: string): Promise<void> {
    const sender = await this.#waitForSender();
    this.#usedAt = Date.now();
    if (to.kind === 'network') return sender.raw(text);
    const target = to.kind === 'room' ? this.joined(to.id).name : placeOf(to.id).name;
    const letter = { to, key, target, folded: this.fold(target), text };
    await sender.message(letter, this.nick);
  }

  find(room: RoomId): Channel | undefined {
    return this.channels.get(this.fold(placeOf(room).name));
  }

  joined(room: RoomId): Channel {
    const channel = this.find(room);
    if (channel === undefined) throw new NetworkError('not-joined', 'You are not in that channel.');
    return channel;
  }

  forget(channel: Channel): void {
    clearTimeout(channel.timer);
    this.channels.delete(this.fold(channel.name));
    this.#usedAt = Date.now();
  }

  /** The server, or time, says that we do not get in. */
  refuseEntry(channel: Channel, error: NetworkError): void {
    if (channel.phase === 'in' || this.channels.get(this.fold(channel.name)) !== channel) return;
    const { entry } = channel;
    this.forget(channel);
    if (entry !== undefined) entry.reject(error);
    else this.emit({ kind: 'room-lost', room: channel.room, returning: false, error });
  }

  /** Looks after the connection: called every few seconds. */
  beat(now: number): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { pingIntervalMs, pingTimeoutMs, idleMs, regainMs } = this.context.timings;
    this.#sender?.beat(now);
    if (this.isAlias && now - this.#regainedAt >= regainMs) this.#regain();
    if (this.channels.size === 0 && now - this.#usedAt > idleMs)
      return this.quit('Nobody needs me');
    const { transport } = connection;
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
    this.#up?.reject(new NetworkError('unreachable', 'Disconnected.'));
    this.#up = undefined;
    for (const channel of this.channels.values()) clearTimeout(channel.timer);
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.transport.writeLine(`QUIT :${reason}`);
    connection.transport.close(false, this.context.timings.quitTimeoutMs);
    this.#lost(connection, new NetworkError('unreachable', 'Disconnected.'), true);
  }

  /** Connects unless that is done or under way. */
  async connected(): Promise<void> {
    if (this.#connection !== undefined) return;
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

  async #connect(): Promise<void> {
    const { settings, secure, timings, signal, identity } = this.context;
    const network = networkId(settings.id);
    this.emit({ kind: 'network', network, state: 'connecting' });
    try {
      const socket = await dial(
        settings,
        { secure, connectTimeoutMs: timings.connectTimeoutMs },
        signal,
      );
      const serverPassword = identity.serverPassword ?? settings.password;
      const isReturn = [...this.channels.values()].some(({ phase }) => phase === 'lost');
      const early: { connection?: Connection; error?: NetworkError } = {};
      const connection = await register(
        {
          socket,
          identity: {
            ...identity,
            nick: this.wantedNick,
            mayVaryNick: isReturn,
            ...(serverPassword === undefined ? {} : { serverPassword }),
          },
          timeoutMs: timings.registrationTimeoutMs,
          signal,
        },
        {
          message: (message) => handleMessage(this, message),
          closed: (error) => {
            if (early.connection === undefined) early.error = error;
            else this.#lost(early.connection, error, false);
          },
          badLine: (why, error) =>
            this.context.host.log.warn({ err: error, why }, 'dropped a line'),
        },
      );
      // The server may have hung up right behind its welcome.
      if (early.error !== undefined) throw early.error;
      early.connection = connection;
      this.#online(connection);
    } catch (error) {
      const trouble = toNetworkError(error);
      this.emit({ kind: 'network', network, state: 'offline', text: trouble.message });
      this.#failed(trouble);
      throw trouble;
    }
  }

  #online(connection: Connection): void {
    const { settings, identity, host } = this.context;
    this.#connection = connection;
    this.#sender = new Sender({
      transport: connection.transport,
      throttle: settings.throttle,
      timings: this.context.timings,
      unfinished: this.#unfinished,
      emit: (event) => this.emit(event),
    });
    this.leaving.clear();
    this.rekey();
    this.#regainedAt = Date.now();
    this.#usedAt = Date.now();
    this.nick = connection.nick;
    this.#retryMs = this.context.timings.reconnectMinMs;
    const network = networkId(settings.id);
    this.emit({ kind: 'network', network, state: 'online' });
    if (identity.account !== undefined && !connection.isIdentified) {
      const text = 'This server does not take passwords by SASL: you are not identified.';
      this.emit({ kind: 'notice', network, text });
    }
    host.log.info({ server: settings.id, nick: this.nick }, 'connected to an IRC server');
    for (const channel of this.channels.values())
      if (channel.phase !== 'in') this.#askToEnter(channel);
    this.#up?.resolve();
    this.#up = undefined;
  }

  #limitEntry(channel: Channel, timeoutMs: number): void {
    const error = new NetworkError('unreachable', 'The channel did not answer.');
    channel.timer = setTimeout(() => this.refuseEntry(channel, error), timeoutMs);
  }

  #askToEnter(channel: Channel): void {
    const key = channel.key === undefined || channel.key === '' ? [] : [channel.key];
    if (channel.entry === undefined) {
      this.#limitEntry(channel, this.context.timings.rejoinTimeoutMs);
    }
    channel.phase = 'asked';
    channel.isJoinSent = true;
    try {
      this.#sender?.command('JOIN', channel.name, ...key);
    } catch (error) {
      this.refuseEntry(channel, toNetworkError(error));
    }
  }

  #lost(connection: Connection, error: NetworkError, isWanted: boolean): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#sender?.fail(error, connection.transport.receivedAt);
    this.#sender = undefined;
    this.answers.fail(error);
    const { settings, signal } = this.context;
    const returning = !isWanted && error.kind !== 'refused' && !signal.aborted;
    const state = { kind: 'network', network: networkId(settings.id), state: 'offline' } as const;
    this.emit({ ...state, ...(isWanted ? {} : { text: error.message }) });
    for (const channel of this.channels.values()) {
      clearTimeout(channel.timer);
      if (channel.entry !== undefined) this.refuseEntry(channel, error);
      else {
        channel.phase = 'lost';
        channel.isJoinSent = false;
        if (!returning) this.forget(channel);
        if (!isWanted) this.emit({ kind: 'room-lost', room: channel.room, returning, error });
      }
    }
    if (returning && this.channels.size > 0) this.#tryAgain();
  }

  /** Goes on trying for the channels that were lost, whoever has asked for the connection. */
  #failed(error: NetworkError): void {
    this.#failedAt = Date.now();
    const lost = [...this.channels.values()].filter(({ phase }) => phase === 'lost');
    const isHopeless = error.kind === 'refused' || error.kind === 'credentials';
    if (lost.length > 0 && !isHopeless && !this.context.signal.aborted) return this.#tryAgain();
    for (const channel of lost) this.refuseEntry(channel, error);
    this.#up?.reject(error);
    this.#up = undefined;
  }

  #regain(): void {
    this.#regainedAt = Date.now();
    this.#sender?.command('NICK', this.wantedNick);
  }

  #tryAgain(): void {
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, this.context.timings.reconnectMaxMs);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.context.signal.aborted || this.channels.size === 0) return;
      this.connected().catch(() => undefined);
    }, delayMs);
  }

  async #waitForSender(): Promise<Sender> {
    if (this.#sender !== undefined) return this.#sender;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new NetworkError('unreachable', 'The IRC server cannot be reached just now.');
      timer = setTimeout(() => reject(error), this.context.timings.sendTimeoutMs);
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
    throw new NetworkError('unreachable', 'There is no connection to the IRC server just now.');
  }
}
