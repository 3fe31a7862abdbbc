import { contactId, NetworkError, networkId, roomId } from '../../src/plugin/index.ts';
import type {
  Address,
  ContactId,
  Event,
  Outgoing,
  RoomId,
  RoomState,
  Sent,
  Language,
  NetworkEvent,
} from '../../src/plugin/index.ts';
import { idText, placeOf } from './address.ts';
import { Answers } from './answers.ts';
import { LONGEST_BATCH_MS } from './batch.ts';
import type { Batch } from './batch.ts';
import { NO_CAPABILITIES } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import { Channel } from './channel.ts';
import { deferred } from './deferred.ts';
import { cutBytes, oneLine } from './encode-line.ts';
import { askToEnter, limitEntry } from './enter-channel.ts';
import { releaseHeld } from './history.ts';
import type { History } from './history.ts';
import { dropBatches } from './incoming/batch.ts';
import { handleMessage } from './incoming/handlers.ts';
import type { IrcMessage } from './irc-message.ts';
import { foldName } from './names.ts';
import { Naming } from './naming.ts';
import type { MultilineLimits } from './multiline.ts';
import type { People } from './people.ts';
import type { RoomList } from './queries.ts';
import { Reactions } from './reactions.ts';
import { toNetworkError } from './register.ts';
import type { Connection } from './register.ts';
import { say } from './say.ts';
import type { Sender } from './sender.ts';
import { defaultFeatures, isTagAllowed } from './server-features.ts';
import type { ServerFeatures } from './server-features.ts';
import { Uplink } from './uplink.ts';
import type { LinkContext, UplinkOwner } from './uplink.ts';
import { troubleTexts } from './trouble-texts.ts';
import type { TroubleTexts } from './trouble-texts.ts';
import { greet } from './watch.ts';
import type { Watch } from './watch.ts';

/** One user on one server: connects when first needed, stays while there are channels, comes back by itself. */
export class ServerLink implements UplinkOwner {
  readonly context: LinkContext;
  readonly uplink: Uplink;
  /** By folded name. */
  readonly channels = new Map<string, Channel>();
  readonly answers = new Answers(() => this.language);
  /** How many PARTs are on their way, by folded channel: what was asked before them counts no more. */
  #leaving: Map<string, number> | undefined;
  #regainedAt = 0;
  #usedAt = Date.now();
  #people: People | undefined;
  features: ServerFeatures = defaultFeatures;
  capabilities: Capabilities = NO_CAPABILITIES;
  nick: string;
  wantedNick: string;
  /** When a request of CTCP was answered last. */
  answeredAt = 0;
  /** "user@host" of the user as others see it; empty until it is known. */
  mask = '';
  /** When the user last sent a line of her own making: what comes of it is for her. */
  rawAt = 0;
  /** What the server takes as one message, where it has draft/multiline. */
  multiline: MultilineLimits | undefined;
  /** Batches that the server has begun, by their reference (IRCv3 batch); absent while there are none. */
  batches: Map<string, Batch> | undefined;
  /** What is being asked of what was said before; absent while nothing is. */
  history: History | undefined;
  readonly reactions = new Reactions();
  readonly #naming: Naming;
  roomList: RoomList | undefined;
  /** How many channels the server has, as far as it says so. */
  channelCount = 0;
  /** Why the user is away; absent when she is not. */
  #away: string | undefined;
  /** Contacts of hers on this server; absent while there are none, or no connection. */
  watch: Watch | undefined;
  /** This connection is through with the greetings. */
  isGreeted = false;
  /** Contacts were watched until the connection was lost. */
  #hasLostWatch = false;

  constructor(context: LinkContext) {
    this.context = context;
    this.#naming = new Naming(context.settings.id);
    this.nick = context.identity.nick;
    this.wantedNick = context.identity.nick;
    this.uplink = new Uplink(context, this);
  }

  /** The one to speak to the user. */
  get language(): Language {
    return this.context.host.language;
  }

  get troubles(): TroubleTexts {
    return troubleTexts(this.language);
  }

  get sender(): Sender | undefined {
    return this.uplink.sender;
  }

  /** Nothing would be missed if this link were dropped. */
  get isUnused(): boolean {
    return this.channels.size === 0 && this.uplink.isIdle;
  }

  get isNeeded(): boolean {
    return this.channels.size > 0 || this.#hasLostWatch;
  }

  get isReturning(): boolean {
    if (this.#hasLostWatch) return true;
    for (const { phase } of this.channels.values()) if (phase === 'lost') return true;
    return false;
  }

  get hasEcho(): boolean {
    return this.capabilities.has('echo-message') && this.capabilities.has('labeled-response');
  }

  get people(): People {
    const { shared, settings } = this.context;
    return (this.#people ??= shared.people(settings.id, this.features));
  }

  fold(name: string): string {
    return foldName(name, this.features.casemapping);
  }

  isSelf(nick: string): boolean {
    return nick === this.nick || this.fold(nick) === this.fold(this.nick);
  }

  /** Whether the user has a nick like hers, for hers was taken when the connection came back. */
  get isAlias(): boolean {
    return (
      this.nick !== this.wantedNick &&
      this.nick.startsWith(this.wantedNick) &&
      /^_+$/.test(this.nick.slice(this.wantedNick.length))
    );
  }

  /** Somebody has given this nick up. */
  freed(nick: string): void {
    if (this.isAlias && this.fold(nick) === this.fold(this.wantedNick)) this.#regain();
  }

  /** The server has said something of itself, which names are the same to it for instance. */
  learn(features: ServerFeatures): void {
    const isFoldedAnew = features.casemapping !== this.features.casemapping;
    this.features = this.context.shared.features(features);
    this.#people = undefined;
    if (!isFoldedAnew) return;
    const channels = [...this.channels.values()];
    this.channels.clear();
    for (const channel of channels) this.channels.set(this.fold(channel.name), channel);
  }

  /** The server has said what it can do for us. */
  can(capabilities: Capabilities): void {
    this.capabilities = this.context.shared.capabilities(capabilities);
  }

  /** Does something when the core has seen what was resolved just now, and before the next line is read. */
  afterTurn(work: () => void): void {
    const release = this.uplink.transport?.hold();
    setImmediate(() => {
      work();
      release?.();
    });
  }

  hear(message: IrcMessage): void {
    handleMessage(this, message);
  }

  /** Tells the core, and stops reading while it is behind. */
  emit(event: Event): void {
    void this.tell(event);
  }

  /** The same. @returns a promise while the core is behind */
  tell(event: Event): Promise<void> | undefined {
    const pending = this.context.host.emit(event);
    if (pending === undefined) return undefined;
    const release = this.uplink.transport?.hold();
    if (release !== undefined) pending.then(release, release);
    return pending;
  }

  async join(room: RoomId, key: string | undefined): Promise<RoomState> {
    const { name } = placeOf(room);
    const folded = this.fold(name);
    const known = this.channels.get(folded);
    if (known !== undefined && known.room !== room) {
      throw new NetworkError('elsewhere', this.troubles.enteredAs(known.room), {
        address: { kind: 'room', id: known.room },
      });
    }
    if (known?.phase === 'in') return known.state(this.nick);
    if (known?.entry !== undefined) return known.entry.promise;
    const channel = new Channel(room, name, key);
    this.channels.set(folded, channel);
    const entry = (channel.entry = deferred<RoomState>());
    limitEntry(this, channel, this.context.timings.joinTimeoutMs);
    try {
      await this.uplink.connected();
      if (this.find(room) === channel && !channel.isJoinSent) askToEnter(this, channel);
    } catch (error) {
      this.refuseEntry(channel, toNetworkError(error, this.language));
    }
    return entry.promise;
  }

  /** Comes back into a channel that the user was in before the gateway was started, however long it takes. */
  restore(room: RoomId, key: string | undefined): void {
    const { name } = placeOf(room);
    if (this.channels.has(this.fold(name))) return;
    const channel = new Channel(room, name, key);
    channel.phase = 'lost';
    channel.isKept = true;
    this.channels.set(this.fold(name), channel);
    this.uplink.connected().catch(() => undefined);
  }

  leave(room: RoomId, reason: string | undefined): void {
    const channel = this.find(room);
    if (channel === undefined) return;
    this.forget(channel);
    channel.entry?.reject(new NetworkError('not-joined', this.troubles.leftChannel));
    if (!channel.isJoinSent && channel.phase !== 'in' && channel.phase !== 'entering') return;
    if (this.sender === undefined) return;
    const folded = this.fold(channel.name);
    this.#leaving ??= new Map();
    this.#leaving.set(folded, (this.#leaving.get(folded) ?? 0) + 1);
    const { kickBytes } = this.features;
    this.sender.command('PART', channel.name, cutBytes(reason ?? '', kickBytes));
  }

  isLeaving(folded: string): boolean {
    return this.#leaving?.has(folded) === true;
  }

  /** The server has answered a PART. @returns whether there was one on its way */
  hasLeft(folded: string): boolean {
    const count = this.#leaving?.get(folded);
    if (count === undefined) return false;
    if (count > 1) this.#leaving?.set(folded, count - 1);
    else this.#leaving?.delete(folded);
    return true;
  }

  /** Hands a message over at once when there is a connection. @throws NetworkError */
  send(to: Address, message: Outgoing): Promise<Sent> | Sent {
    const { sender } = this;
    if (sender !== undefined) return this.#sendBy(sender, to, message);
    return this.uplink.whenReady().then((ready) => this.#sendBy(ready, to, message));
  }

  #sendBy(sender: Sender, to: Address, message: Outgoing): Promise<Sent> | Sent {
    this.#usedAt = Date.now();
    return say(this, sender, to, message);
  }

  /** Sends a line of the user's own making; what the server says to it she is told. */
  async raw(line: string): Promise<void> {
    const sender = await this.uplink.whenReady();
    this.rawAt = Date.now();
    await sender.raw(line);
  }

  /** Whether a tag of ours reaches others (IRCv3 message-tags). */
  hasTag(name: string): boolean {
    return this.capabilities.has('message-tags') && isTagAllowed(this.features, name);
  }

  /** The user calls the server by that name. */
  called(server: string): void {
    if (!this.#naming.called(server) || this.sender === undefined) return;
    this.emit({ kind: 'network', network: networkId(server), state: 'online' });
  }

  /** Tells how it is about the server, by all of its names. */
  tellState(state: NetworkEvent['state'], text?: string): void {
    const why = text === undefined ? {} : { text };
    for (const name of this.#naming.names) {
      this.emit({ kind: 'network', network: networkId(name), state, ...why });
    }
  }

  /** The address of somebody: as the user wrote to her last, else as the user has her among her contacts. */
  contactOf(nick: string): ContactId {
    const folded = this.fold(nick);
    const known = this.#naming.contact(folded) ?? this.watch?.idOf(folded);
    return known ?? contactId(idText(nick, this.context.settings.id));
  }

  /** The address of a channel: the one by which the user is in it. */
  roomOf(name: string): RoomId {
    const known = this.channels.get(this.fold(name));
    return known?.room ?? roomId(idText(name, this.context.settings.id));
  }

  /** Nick or channel as it stands in a line. */
  targetOf(to: Address): string {
    if (to.kind === 'room') return this.joined(to.id).name;
    const { name } = placeOf(to.id);
    if (to.kind === 'contact') this.#naming.wroteTo(this.fold(name), to.id);
    return name;
  }

  /** RFC 2812 §4.1; told once, and again to a server that has forgotten it. */
  away(text: string | undefined): void {
    if (text === this.#away) return;
    this.#away = text;
    if (this.sender !== undefined) this.#tellAway();
  }

  #tellAway(): void {
    const { awayBytes } = this.features;
    if (this.#away === undefined) this.sender?.command('AWAY');
    else this.sender?.command('AWAY', cutBytes(this.#away, awayBytes));
  }

  find(room: RoomId): Channel | undefined {
    const channel = this.channels.get(this.fold(placeOf(room).name));
    return channel?.room === room ? channel : undefined;
  }

  joined(room: RoomId): Channel {
    const channel = this.find(room);
    if (channel !== undefined) return channel;
    throw new NetworkError('not-joined', this.troubles.notInChannel);
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
    const { idleMs, regainMs, answerTimeoutMs } = this.context.timings;
    if (this.uplink.sender === undefined) return;
    if (this.isAlias && now - this.#regainedAt >= regainMs) this.#regain();
    if (now - this.uplink.connectedAt > answerTimeoutMs) greet(this);
    this.watch?.poll(now);
    this.history?.beat(now);
    if (this.batches !== undefined) dropBatches(this, now - LONGEST_BATCH_MS);
    const isUsed = this.channels.size > 0 || this.watch !== undefined;
    if (!isUsed && now - this.#usedAt > idleMs) this.quit('Nobody needs me');
    else this.uplink.beat(now);
  }

  quit(reason: string): void {
    for (const channel of this.channels.values()) clearTimeout(channel.timer);
    this.uplink.quit(reason);
  }

  /** The user wants no more of this server. */
  disconnect(reason: string): void {
    const rooms = [...this.channels.values()].map(({ room }) => room);
    this.quit(oneLine(cutBytes(reason, this.features.kickBytes)));
    const error = new NetworkError('not-joined', this.troubles.leftServer);
    for (const room of rooms) this.emit({ kind: 'room-lost', room, returning: false, error });
  }

  cameUp({ nick, isIdentified, capabilities, multiline }: Connection): void {
    const { settings, identity, host, shared } = this.context;
    const now = Date.now();
    this.#leaving = undefined;
    this.batches = undefined;
    this.isGreeted = false;
    this.#hasLostWatch = false;
    this.learn(defaultFeatures);
    this.capabilities = shared.capabilities(capabilities);
    this.multiline = multiline;
    this.#regainedAt = now;
    this.#usedAt = now;
    this.nick = nick;
    this.tellState('online');
    if (identity.credentials !== undefined && !isIdentified) {
      const text = this.troubles.notIdentified;
      this.emit({ kind: 'notice', network: networkId(settings.id), text });
    }
    host.log.info({ server: settings.id, nick }, 'connected to an IRC server');
    if (this.#away !== undefined) this.#tellAway();
    for (const channel of this.channels.values())
      if (channel.phase !== 'in') askToEnter(this, channel);
  }

  wentDown(error: NetworkError, returning: boolean, isWanted: boolean): void {
    dropBatches(this, Infinity);
    this.answers.fail(error);
    this.history = undefined;
    this.#hasLostWatch = returning && this.watch !== undefined;
    this.watch?.lost();
    this.watch = undefined;
    for (const channel of this.channels.values()) {
      clearTimeout(channel.timer);
      if (channel.entry !== undefined) this.refuseEntry(channel, error);
      else {
        if (channel.phase === 'in') {
          releaseHeld(this, channel);
          channel.lostAt ??= this.uplink.heardAt;
        }
        channel.phase = 'lost';
        channel.isJoinSent = false;
        if (!returning) this.forget(channel);
        if (!isWanted) this.emit({ kind: 'room-lost', room: channel.room, returning, error });
      }
    }
  }

  gaveUp(error: NetworkError): void {
    this.#hasLostWatch = false;
    for (const channel of this.channels.values()) {
      if (channel.phase === 'lost') this.refuseEntry(channel, error);
    }
  }

  #regain(): void {
    this.#regainedAt = Date.now();
    this.sender?.command('NICK', this.wantedNick);
  }
}
