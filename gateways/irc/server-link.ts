import type { IrcMessage } from 'irc-framework';
import { networkId, NetworkError } from '../../src/plugin/index.ts';
import type { Address, Host, Moderation, RoomId, RoomState } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';
import { Answers } from './answers.ts';
import { Channel } from './channel.ts';
import { deferred } from './deferred.ts';
import { dial } from './dial.ts';
import { handleMessage } from './incoming.ts';
import { isNick, foldName } from './names.ts';
import { changesFor } from './rank.ts';
import { register } from './register.ts';
import type { Connection, Identity } from './register.ts';
import type { SecureContexts } from './secure-contexts.ts';
import { Sender } from './sender.ts';
import { defaultFeatures } from './server-features.ts';
import type { ServerFeatures } from './server-features.ts';
import type { ServerSettings } from './servers.ts';
import type { Timings } from './timings.ts';

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
  #connection: Connection | undefined;
  #sender: Sender | undefined;
  #connecting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
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
    channel.timer = setTimeout(
      () =>
        this.refuseEntry(channel, new NetworkError('unreachable', 'The channel did not answer.')),
      this.context.timings.joinTimeoutMs,
    );
    try {
      await this.connected();
      if (channel.phase === 'asked') this.#askToEnter(channel);
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
    if (channel.phase !== 'in' && channel.phase !== 'entering') return;
    this.#sender?.command('PART', channel.name, (reason ?? '').slice(0, 300));
  }

  async send(to: Address, key: string, text: string): Promise<void> {
    const sender = await this.#waitForSender();
    this.#usedAt = Date.now();
    if (to.kind === 'network') return sender.raw(text);
    const target = to.kind === 'room' ? this.joined(to.id).name : placeOf(to.id).name;
    sender.remember({ target: this.fold(target), key, to });
    await sender.message(target, this.nick, text);
  }

  async rename(nick: string): Promise<void> {
    if (!isNick(nick)) throw new NetworkError('invalid', `"${nick}" cannot be a nick on IRC.`);
    const sender = this.#senderNow();
    const answer = this.answers.wait(
      [this.fold(nick), '*nick*'],
      this.context.timings.answerTimeoutMs,
      ({ command, params }) => command === 'NICK' && this.fold(params[0] ?? '') === this.fold(nick),
    );
    sender.command('NICK', nick);
    await answer;
    this.wantedNick = nick;
  }

  async setSubject(room: RoomId, text: string): Promise<void> {
    const channel = this.joined(room);
    await this.#do(channel, 'TOPIC', [channel.name, text], ({ command, params }) =>
      this.#isAbout(channel, command === 'TOPIC', params[0]),
    );
  }

  async moderate(room: RoomId, act: Extract<Moderation, { nick: string }>): Promise<void> {
    const channel = this.joined(room);
    const nick = this.fold(act.nick);
    const person = channel.person(nick);
    if (person === undefined) throw new NetworkError('not-found', `${act.nick} is not there.`);
    if (act.kind === 'rank') {
      const isMode = ({ command, params }: IrcMessage): boolean =>
        this.#isAbout(channel, command === 'MODE', params[0]);
      for (const change of changesFor(act.rank, person.modes, this.features.prefixes)) {
        await this.#do(channel, 'MODE', [channel.name, change, act.nick], isMode);
      }
      return;
    }
    if (act.kind === 'ban')
      this.#senderNow().command('MODE', channel.name, '+b', `${act.nick}!*@*`);
    await this.#do(
      channel,
      'KICK',
      [channel.name, act.nick, act.reason ?? ''],
      ({ command, params }) =>
        this.#isAbout(channel, command === 'KICK', params[0]) &&
        this.fold(params[1] ?? '') === nick,
    );
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
    const { pingIntervalMs, pingTimeoutMs, idleMs } = this.context.timings;
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
    clearTimeout(this.#retry);
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
      throw trouble;
    }
  }

  #online(connection: Connection): void {
    const { settings, identity, host } = this.context;
    this.#connection = connection;
    this.#sender = new Sender(connection.transport, settings.throttle);
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
  }

  #askToEnter(channel: Channel): void {
    const key = channel.key === undefined || channel.key === '' ? [] : [channel.key];
    if (channel.entry === undefined) {
      channel.timer = setTimeout(
        () =>
          this.refuseEntry(channel, new NetworkError('unreachable', 'The channel did not answer.')),
        this.context.timings.rejoinTimeoutMs,
      );
    }
    channel.phase = 'entering';
    try {
      this.#sender?.command('JOIN', channel.name, ...key);
    } catch (error) {
      this.refuseEntry(channel, toNetworkError(error));
    }
  }

  #lost(connection: Connection, error: NetworkError, isWanted: boolean): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#sender?.fail(error);
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
        if (!returning) this.forget(channel);
        if (!isWanted) this.emit({ kind: 'room-lost', room: channel.room, returning, error });
      }
    }
    if (returning && this.channels.size > 0) this.#tryAgain();
  }

  #tryAgain(): void {
    const delayMs = this.#retryMs * (0.5 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, this.context.timings.reconnectMaxMs);
    this.#retry = setTimeout(() => {
      if (this.context.signal.aborted || this.channels.size === 0) return;
      this.connected().catch((error: unknown) => {
        const trouble = toNetworkError(error);
        const isHopeless = trouble.kind === 'refused' || trouble.kind === 'credentials';
        if (!isHopeless) return this.#tryAgain();
        for (const channel of this.channels.values()) this.refuseEntry(channel, trouble);
      });
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
    return this.#senderNow();
  }

  #senderNow(): Sender {
    if (this.#sender !== undefined) return this.#sender;
    throw new NetworkError('unreachable', 'There is no connection to the IRC server just now.');
  }

  async #do(
    channel: Channel,
    command: string,
    params: readonly string[],
    isAnswer: (message: IrcMessage) => boolean,
  ): Promise<void> {
    const sender = this.#senderNow();
    const names = [this.fold(channel.name)];
    const answer = this.answers.wait(names, this.context.timings.answerTimeoutMs, isAnswer);
    answer.catch(() => undefined);
    sender.command(command, ...params);
    await answer;
  }

  #isAbout(channel: Channel, isCommand: boolean, name: string | undefined): boolean {
    return isCommand && this.fold(name ?? '') === this.fold(channel.name);
  }
}

export function toNetworkError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  return new NetworkError('unreachable', 'The connection to the IRC server failed.', {
    cause: error,
  });
}
