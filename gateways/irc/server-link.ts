import { contactId, NetworkError, networkId, roomId } from '../../src/plugin/index.ts';
import type {
  Address,
  ContactId,
  Event,
  Outgoing,
  RoomId,
  Sent,
  Language,
  NetworkEvent,
} from '../../src/plugin/index.ts';
import { idText, placeOf } from './address.ts';
import { Answers } from './answers.ts';
import { LONGEST_BATCH_MS } from './batches.ts';
import type { Batch } from './batches.ts';
import { NO_CAPABILITIES, isEchoAlone } from './capabilities.ts';
import type { Capabilities } from './capabilities.ts';
import { Channels } from './channels.ts';
import type { Channel } from './channel.ts';
import { cutBytes, oneLine } from './encode-line.ts';
import { releaseHeld } from './history.ts';
import type { History } from './history.ts';
import { dropBatches } from './incoming/multiline.ts';
import { handleMessage } from './incoming/handlers.ts';
import type { IrcMessage } from './irc-message.ts';
import { askToEnter, dropDouble, refuseEntry } from './membership.ts';
import { foldName } from './names.ts';
import { Naming } from './naming.ts';
import type { MultilineLimits } from './multiline.ts';
import type { People } from './people.ts';
import type { RoomList } from './queries.ts';
import { Reactions } from './reactions.ts';
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
  readonly channels = new Channels((name) => this.fold(name));
  readonly answers = new Answers(() => this.language);
  #regainedAt = 0;
  #usedAt = Date.now();
  #people: People | undefined;
  features: ServerFeatures = defaultFeatures;
  capabilities: Capabilities = NO_CAPABILITIES;
  /** What the server offers of what is of use only together. */
  echoOffer: readonly string[] = [];
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
    for (const { phase } of this.channels) if (phase === 'lost') return true;
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
    if (isFoldedAnew) for (const channel of this.channels.foldAnew()) dropDouble(this, channel);
  }

  /** The server has said what it can do for us. */
  can(capabilities: Capabilities): void {
    this.capabilities = this.context.shared.capabilities(capabilities);
    if (isEchoAlone(this.capabilities)) this.sender?.urgent('CAP REQ :-echo-message');
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

  /** Hands a message over at once when there is a connection. @throws NetworkError */
  send(to: Address, message: Outgoing): Promise<Sent> | Sent {
    const { sender } = this;
    if (sender !== undefined) return this.#sendBy(sender, to, message);
    return this.uplink.whenReady().then((ready) => this.#sendBy(ready, to, message));
  }

  #sendBy(sender: Sender, to: Address, message: Outgoing): Promise<Sent> | Sent {
    this.#usedAt = Date.now();
    if (to.kind === 'contact') this.#naming.wroteTo(this.fold(placeOf(to.id).name), to.id);
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
    const known = this.channels.named(name);
    return known?.room ?? roomId(idText(name, this.context.settings.id));
  }

  /** Nick or channel as it stands in a line. */
  targetOf(to: Address): string {
    return to.kind === 'room' ? this.joined(to.id).name : placeOf(to.id).name;
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

  joined(room: RoomId): Channel {
    const channel = this.channels.at(room);
    if (channel !== undefined) return channel;
    throw new NetworkError('not-joined', this.troubles.notInChannel);
  }

  forget(channel: Channel): void {
    this.channels.delete(channel);
    this.#usedAt = Date.now();
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
    for (const channel of this.channels) clearTimeout(channel.timer);
    this.uplink.quit(reason);
  }

  /** The user wants no more of this server. */
  disconnect(reason: string): void {
    const rooms = [...this.channels].map(({ room }) => room);
    this.quit(oneLine(cutBytes(reason, this.features.kickBytes)));
    const error = new NetworkError('not-joined', this.troubles.leftServer);
    for (const room of rooms) this.emit({ kind: 'room-lost', room, returning: false, error });
  }

  /** Leaves a server that tells of people without end. @returns whether it was left */
  limitCrowd(): boolean {
    if (!this.context.crowd.isTooLarge) return false;
    this.context.host.log.warn(
      { server: this.context.settings.id },
      'left a server of too many people',
    );
    this.uplink.hangUp(new NetworkError('refused', this.troubles.tooManyPeople));
    return true;
  }

  cameUp({ nick, isIdentified, capabilities, echoOffer, multiline }: Connection): void {
    const { settings, identity, host } = this.context;
    const now = Date.now();
    this.channels.cameUp();
    this.batches = undefined;
    this.isGreeted = false;
    this.#hasLostWatch = false;
    // As before until it says otherwise: channels that are two to it must not become one meanwhile.
    this.learn({ ...defaultFeatures, casemapping: this.features.casemapping });
    this.can(capabilities);
    this.echoOffer = echoOffer;
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
    for (const channel of this.channels) if (channel.phase !== 'in') askToEnter(this, channel);
  }

  wentDown(error: NetworkError, returning: boolean, isWanted: boolean): void {
    dropBatches(this, Infinity);
    this.answers.fail(error);
    this.history = undefined;
    this.#hasLostWatch = returning && this.watch !== undefined;
    this.watch?.lost();
    this.watch = undefined;
    for (const channel of this.channels) {
      clearTimeout(channel.timer);
      if (channel.entry !== undefined) refuseEntry(this, channel, error);
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
    for (const channel of this.channels) {
      if (channel.phase === 'lost') refuseEntry(this, channel, error);
    }
  }

  #regain(): void {
    this.#regainedAt = Date.now();
    this.sender?.command('NICK', this.wantedNick);
  }
}
