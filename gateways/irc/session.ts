import { NetworkError } from '../../src/plugin/index.ts';
import type {
  Account,
  Address,
  ContactCard,
  ContactId,
  Exclusion,
  Host,
  MessageId,
  Moderation,
  NetworkId,
  Outgoing,
  RoomId,
  RoomListing,
  RoomState,
  Sent,
  Session,
  Show,
  TypingState,
} from '../../src/plugin/index.ts';
import { awayText } from './away.ts';
import { comeAs, moderate, rename, setSubject } from './acts.ts';
import { placeOf } from './address.ts';
import { channelModes, setChannelModes } from './channel-modes.ts';
import type { ChannelModes, WantedModes } from './channel-modes.ts';
import { Crowd } from './crowd.ts';
import { exclude, exclusions, invite, readmit } from './exclusion.ts';
import { identityFor } from './identity.ts';
import { keptOf, loadChannels, saveChannels, textOf } from './kept-channels.ts';
import type { KeptChannel } from './kept-channels.ts';
import { enter, leave, restore } from './membership.ts';
import { isKey, isNick } from './names.ts';
import { listRooms, lookup } from './queries.ts';
import { toNetworkError } from './register.ts';
import { ServerLink } from './server-link.ts';
import { settingsOf } from './servers.ts';
import type { Endpoint } from './uplink.ts';

import { react, retract, typing } from './tag-acts.ts';
import type { Surroundings } from './surroundings.ts';
import { troubleTexts } from './trouble-texts.ts';
import type { TroubleTexts } from './trouble-texts.ts';
import { watchContact } from './watch.ts';

export interface ConnectionState {
  readonly nick: string;
  readonly channels: readonly string[];
  readonly endpoint: Endpoint;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
}

/** Of a session that does not run yet. */
const NEVER = new AbortController().signal;

/** One user on IRC: a link for each server she uses. */
export class IrcSession implements Session {
  readonly #account: Account | undefined;
  readonly #host: Host;
  readonly #around: Surroundings;
  /** Why the user is away; absent when she is not. */
  #away: string | undefined;
  /** The channels to come back to, as they were kept last. */
  #kept = textOf([]);
  /** By the one name of each server. */
  readonly #links = new Map<string, ServerLink>();
  readonly #crowd = new Crowd();
  /** Aborts when the session ends; set by `run`. */
  #signal: AbortSignal = NEVER;

  constructor(account: Account | undefined, host: Host, around: Surroundings) {
    this.#account = account;
    this.#host = host;
    this.#around = around;
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#around.heartbeat.add(this);
    await this.#restore();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#around.heartbeat.remove(this);
    await this.#keepSafely();
    for (const link of this.#links.values()) link.quit('Leaving');
    this.#links.clear();
  }

  /** Called every few seconds. */
  beat(now: number): void {
    for (const [server, link] of this.#links) {
      link.beat(now);
      if (link.isUnused) this.#links.delete(server);
    }
    void this.#keepSafely();
  }

  /** What cannot be kept or restored is no reason to end the session. */
  async #keepSafely(): Promise<void> {
    try {
      await this.#keep();
    } catch (error) {
      this.#host.log.warn({ err: error }, 'the channels of a user could not be kept');
    }
  }

  /** Comes back into the channels of a user who stays connected. */
  async #restore(): Promise<void> {
    if (this.#account === undefined || this.#host.staysConnected !== true) return;
    const kept = await this.#keptChannels();
    this.#kept = textOf(kept);
    for (const { room, nick, key } of kept) {
      try {
        restore(this.#open(placeOf(room).server, nick), room, key);
      } catch (error) {
        this.#host.log.warn({ err: error, room }, 'a channel could not be entered again');
      }
    }
  }

  async #keptChannels(): Promise<readonly KeptChannel[]> {
    try {
      return await loadChannels(this.#host.memory);
    } catch (error) {
      this.#host.log.warn({ err: error }, 'the channels of a user could not be read');
      return [];
    }
  }

  async #keep(): Promise<void> {
    if (this.#account === undefined || this.#host.staysConnected !== true) return;
    const text = textOf([...this.#links.values()].flatMap(keptOf));
    if (text === this.#kept) return;
    this.#kept = text;
    await saveChannels(this.#host.memory, text);
  }

  send(to: Address, message: Outgoing): Promise<Sent> | Sent {
    try {
      const { server } = placeOf(to.id);
      const link = to.kind === 'room' ? this.#linkOf(to.id) : this.#open(server, undefined);
      return link.send(to, message);
    } catch (error) {
      return Promise.reject(
        error instanceof Error ? error : toNetworkError(error, this.#host.language),
      );
    }
  }

  async join(
    room: RoomId,
    { nick, password }: { readonly nick: string; readonly password?: string },
  ): Promise<RoomState> {
    if (!isNick(nick)) throw new NetworkError('invalid', this.#troubles.badNick(nick));
    if (password !== undefined && !isKey(password)) {
      throw new NetworkError('key', this.#troubles.badKey);
    }
    const link = this.#open(placeOf(room).server, nick);
    await comeAs(link, nick);
    // Counted last: between this and the entry, no other channel can come in.
    let rooms = 0;
    for (const { channels } of this.#links.values()) rooms += channels.size;
    if (rooms >= this.#around.options.maxRoomsPerUser) {
      throw new NetworkError('too-large', this.#troubles.tooManyChannels);
    }
    return enter(link, room, password);
  }

  leave(room: RoomId, reason?: string): Promise<void> {
    const link = this.#link(placeOf(room).server);
    if (link !== undefined) leave(link, room, reason);
    return Promise.resolve();
  }

  async typing(to: Address, state: TypingState): Promise<void> {
    const link = this.#link(placeOf(to.id).server);
    if (link !== undefined) typing(link, to, state);
  }

  async react(to: Address, id: MessageId, emoji: readonly string[]): Promise<void> {
    react(this.#linkOf(to.id), to, id, emoji);
  }

  async retract(
    to: Address,
    id: MessageId,
    { reason }: { readonly asModerator: boolean; readonly reason?: string },
  ): Promise<void> {
    await retract(this.#linkOf(to.id), to, id, reason);
  }

  async rename(room: RoomId, nick: string): Promise<void> {
    await rename(this.#linkOf(room), nick);
  }

  async setSubject(room: RoomId, text: string): Promise<void> {
    await setSubject(this.#linkOf(room), room, text);
  }

  async moderate(room: RoomId, act: Moderation): Promise<void> {
    const link = this.#linkOf(room);
    if (act.kind === 'exclude') await exclude(link, room, act.contact);
    else if (act.kind === 'readmit') await readmit(link, room, act.contact);
    else await moderate(link, room, act);
  }

  async exclusions(room: RoomId): Promise<readonly Exclusion[]> {
    return exclusions(this.#linkOf(room), room);
  }

  async invite(room: RoomId, contact: ContactId): Promise<void> {
    await invite(this.#linkOf(room), room, contact);
  }

  async watch(contact: ContactId, isWatched: boolean): Promise<void> {
    // What does not run has nobody to look after its connections.
    if (this.#signal === NEVER) return;
    const link = this.#link(placeOf(contact).server);
    if (link !== undefined) watchContact(link, contact, isWatched);
  }

  async lookup(contact: ContactId): Promise<ContactCard> {
    const { name, server } = placeOf(contact);
    if (!isNick(name)) throw new NetworkError('not-found', this.#troubles.nobody);
    return lookup(this.#open(server, undefined), name, this.#host.language);
  }

  async rooms(
    network: NetworkId | undefined,
    { name }: { readonly name?: string },
  ): Promise<readonly RoomListing[]> {
    const [only, ...others] = Object.keys(this.#around.options.servers);
    const server = network ?? (others.length === 0 ? only : undefined);
    if (server === undefined) throw new NetworkError('invalid', this.#troubles.ofWhichServer);
    return listRooms(this.#open(server, undefined), name);
  }

  /** All names of a server. @throws NetworkError refused, when users may not reach it */
  namesOf(server: string): readonly string[] {
    return settingsOf(server, this.#around.options, this.#host.language).names;
  }

  /** The servers that the user is connected to. */
  get servers(): readonly string[] {
    return [...this.#links].flatMap(([id, { uplink }]) => (uplink.isUp ? [id] : []));
  }

  connectionTo(server: string): ConnectionState | undefined {
    const link = this.#link(server);
    const endpoint = link?.uplink.endpoint;
    if (link === undefined || endpoint === undefined) return undefined;
    const channels = [...link.channels].map(({ name }) => name);
    const { connectedAt } = link.uplink;
    return { nick: link.nick, channels, endpoint, connectedAt };
  }

  disconnect(server: string, reason: string): void {
    this.#link(server)?.disconnect(reason);
  }

  async channelModes(room: RoomId): Promise<ChannelModes> {
    const link = this.#linkOf(room);
    return channelModes(link, link.joined(room));
  }

  async setChannelModes(room: RoomId, wanted: WantedModes): Promise<void> {
    const link = this.#linkOf(room);
    await setChannelModes(link, link.joined(room), wanted);
  }

  /** Leaves a channel for good, where leaving it by presence does not (see `Host.staysConnected`). */
  leaveForGood(room: RoomId): void {
    const link = this.#linkOf(room);
    const { nick } = link;
    link.joined(room);
    leave(link, room, undefined);
    void this.#host.emit({ kind: 'left', room, nick, how: 'left' });
  }

  /** Sends a line as it is. */
  async raw(server: string, line: string): Promise<void> {
    await this.#open(server, undefined).raw(line);
  }

  async presence(show: Show, status?: string): Promise<void> {
    this.#away = awayText(show, status);
    for (const link of this.#links.values()) link.away(this.#away);
  }

  get #troubles(): TroubleTexts {
    return troubleTexts(this.#host.language);
  }

  /** However the user calls the server. */
  #link(server: string): ServerLink | undefined {
    return this.#links.get(this.#around.nameOf(server));
  }

  /** The link to the server of a room that the user is in, or about to be. */
  #linkOf(id: string): ServerLink {
    const link = this.#link(placeOf(id).server);
    if (link !== undefined) return link;
    throw new NetworkError('not-joined', this.#troubles.notInChannel);
  }

  #open(server: string, nick: string | undefined): ServerLink {
    const known = this.#link(server);
    if (known !== undefined) {
      known.called(server);
      if (nick !== undefined && known.isUnused) known.wantedNick = this.#nickFor(nick);
      return known;
    }
    const { options, secure, shared, timings, nameOf } = this.#around;
    if (this.#links.size >= options.maxServersPerUser) {
      throw new NetworkError('too-large', this.#troubles.tooManyServers);
    }
    const settings = settingsOf(server, options, this.#host.language);
    const own = this.#nickFor(nick);
    const link = new ServerLink({
      settings,
      nameOf,
      identity: identityFor(this.#account, own, settings, this.#host.user),
      secure,
      shared,
      crowd: this.#crowd,
      timings,
      host: this.#host,
      signal: this.#signal,
    });
    link.away(this.#away);
    link.called(server);
    this.#links.set(settings.id, link);
    return link;
  }

  /** The nick of the registration is for those who come in without naming one. */
  #nickFor(asked: string | undefined): string {
    const registered = this.#account?.['nick'];
    const nick = asked ?? (typeof registered === 'string' ? registered : undefined);
    if (nick !== undefined) return nick;
    throw new NetworkError('not-joined', this.#troubles.noNick);
  }
}
