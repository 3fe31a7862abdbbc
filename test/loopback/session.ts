import { NetworkError, contactId, networkId } from 'causeway/plugin';
import type {
  Account,
  Address,
  Contact,
  ContactCard,
  ContactId,
  Content,
  Event,
  Exclusion,
  Host,
  Member,
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
} from 'causeway/plugin';
import { idText, nameOf, placeOf } from './address.ts';
import type { Method } from './calls.ts';
import { EventFeed } from './event-feed.ts';
import type { LoopbackNetwork, Receiver, StoredMessage } from './network.ts';
import type { LoopbackRoom } from './room.ts';
import { splitText } from './split-text.ts';
import { gone, Waiting } from './waiting.ts';

const MAX_KEYS = 100;

const lost = (): NetworkError => new NetworkError('uncertain', 'The connection broke.');

/** One user on the loopback network. */
export class LoopbackSession implements Session, Receiver {
  /** Hers on the network. Until she has registered or joined a room, there is none. */
  name: string;
  readonly #network: LoopbackNetwork;
  readonly #networks: readonly string[];
  #phase: 'new' | 'connecting' | 'online' | 'ended' = 'new';
  #drop: ((error: NetworkError) => void) | undefined;
  readonly #waiting = new Waiting();
  readonly #nicks = new Map<RoomId, string>();
  readonly #sent = new Map<string, Sent>();
  #show: Show = 'online';
  #status: string | undefined;
  readonly #feed: EventFeed;

  constructor(
    account: Account | undefined,
    host: Host,
    network: LoopbackNetwork,
    networks: readonly string[],
  ) {
    const nick = account?.['nick'];
    this.name = typeof nick === 'string' ? (nameOf(nick) ?? '') : '';
    this.#feed = new EventFeed(host);
    this.#network = network;
    this.#networks = networks;
  }

  /** In how many rooms she is. */
  get roomCount(): number {
    return this.#nicks.size;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return this.#end(signal);
    this.#phase = 'connecting';
    const lost = new Promise<never>((_, reject) => (this.#drop = reject));
    const aborted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    try {
      await Promise.race([this.#network.calls.enter(this.#call('run', [])), aborted, lost]);
      if (!signal.aborted) {
        this.#connected();
        await Promise.race([aborted, lost]);
      }
    } catch (error) {
      this.#disconnected('connecting');
      throw error;
    }
    this.#end(signal);
    await this.#network.farewell;
    if (this.#network.notesLeaving) await this.#feed.noteLeaving(this.name);
  }

  async send(to: Address, message: Outgoing): Promise<Sent> {
    await this.#enter('send', [to, message]);
    const known = this.#sent.get(message.key);
    if (known !== undefined) return known;
    const loss = this.#network.nextLoss();
    if (loss === 'before') throw lost();
    const {
      key,
      text,
      files,
      also,
      at: _at,
      asksReceipt: _asks,
      attempt: _attempt,
      ...rest
    } = message;
    const carried = files === undefined ? {} : { files: await this.#network.carry(files) };
    const recipients = also === undefined ? {} : { also };
    const sent: Sent = {
      ids: splitText(text, this.#network.maxLength).map((part) =>
        this.#say(to, { ...rest, ...carried, ...recipients, text: part }),
      ),
      ...this.#network.sendToOthers(also ?? [], text),
    };
    if (this.#sent.size >= MAX_KEYS) this.#sent.clear();
    if (loss === undefined) this.#sent.set(key, sent);
    this.#network.taken.set(key, sent);
    if (loss === 'after') throw lost();
    return sent;
  }

  async wasTaken(to: Address, message: Outgoing): Promise<Sent | undefined> {
    await this.#enter('wasTaken', [to, message]);
    return this.#network.remembersTaken ? this.#network.taken.get(message.key) : undefined;
  }

  async edit(to: Address, id: MessageId, message: Outgoing): Promise<Sent> {
    await this.#enter('edit', [to, id, message]);
    this.#ownMessage(to, id);
    const { key: _key, at: _at, asksReceipt: _asks, attempt: _attempt, ...content } = message;
    return { ids: [this.#say(to, content, id)] };
  }

  async retract(
    to: Address,
    id: MessageId,
    how: { readonly asModerator: boolean; readonly reason?: string },
  ): Promise<void> {
    await this.#enter('retract', [to, id, how]);
    const { asModerator, reason } = how;
    if (asModerator) {
      if (to.kind !== 'room') throw new NetworkError('unsupported', 'Only rooms have moderators.');
      this.#room(to.id).demand(this.#nick(to.id), 'moderator');
      this.#message(to, id);
    } else this.#ownMessage(to, id);
    this.#network.messages.delete(id);
    this.#tellChat(to, (chat, nick) => ({
      kind: 'retracted',
      chat,
      id,
      ...nick,
      ...(asModerator ? { isModeration: true } : {}),
      ...(reason === undefined ? {} : { reason }),
    }));
  }

  async react(to: Address, id: MessageId, emoji: readonly string[]): Promise<void> {
    await this.#enter('react', [to, id, emoji]);
    this.#message(to, id);
    const allowed = this.#network.allowedReactions;
    const foreign = emoji.find((one) => allowed?.has(one) === false);
    if (foreign !== undefined) {
      throw new NetworkError('unsupported', `${foreign} is no reaction here.`);
    }
    this.#tellChat(to, (chat, nick) => ({ kind: 'reaction', chat, id, ...nick, emoji }));
  }

  async mark(to: Address, id: MessageId): Promise<void> {
    await this.#enter('mark', [to, id]);
    const { author } = this.#message(to, id);
    const chat: Address = to.kind === 'room' ? to : { kind: 'contact', id: this.#idFor(to) };
    const nick = to.kind === 'room' ? { nick: this.#nick(to.id) } : {};
    const receiver = this.#network.receiverOf(author);
    receiver?.tell({ kind: 'receipt', to: chat, id, state: 'displayed', ...nick });
  }

  async typing(to: Address, state: TypingState): Promise<void> {
    await this.#enter('typing', [to, state]);
    this.#tellChat(to, (chat, nick) => ({ kind: 'typing', chat, ...nick, state }));
  }

  async presence(show: Show, status?: string): Promise<void> {
    await this.#enter('presence', status === undefined ? [show] : [show, status]);
    this.#show = show;
    this.#status = status;
    this.#showMyself();
  }

  async watch(contact: ContactId, isWatched: boolean): Promise<void> {
    await this.#enter('watch', [contact, isWatched]);
  }

  async changeContact(
    contact: ContactId,
    change: 'add' | 'remove' | 'accept' | 'refuse',
    details: { readonly name?: string; readonly text?: string } = {},
  ): Promise<void> {
    await this.#enter('changeContact', [contact, change, details]);
    const other = this.#person(contact);
    const me = this.#network.person(this.#idFor({ kind: 'contact', id: contact }));
    const receiver = this.#network.receiverOf(contact);
    switch (change) {
      case 'add': {
        const { name, text } = details;
        me.list.set(contact, { id: contact, ...(name === undefined ? {} : { name }) });
        const words = text === undefined ? {} : { text };
        receiver?.tell({ kind: 'contact-asks', contact: me.id, name: me.name, ...words });
        return;
      }
      case 'remove':
        me.list.delete(contact);
        receiver?.tell({ kind: 'contact-removed', contact: me.id });
        return;
      case 'accept':
        other.list.set(me.id, other.list.get(me.id) ?? { id: me.id });
        receiver?.tell({ kind: 'contact', contact: this.#asContact(me.id) });
        return;
      case 'refuse':
        other.list.delete(me.id);
        receiver?.tell({ kind: 'contact-removed', contact: me.id });
    }
  }

  async lookup(contact: ContactId): Promise<ContactCard> {
    await this.#enter('lookup', [contact]);
    const { card, name, contact: shown } = this.#person(contact);
    const avatar = shown.avatar;
    return {
      nick: name,
      ...(avatar === undefined || avatar === 'none' ? {} : { avatar }),
      ...card,
    };
  }

  async rooms(
    network: NetworkId | undefined,
    filter: { readonly name?: string },
  ): Promise<readonly RoomListing[]> {
    await this.#enter('rooms', [network, filter]);
    return this.#network.listing(network ?? '', filter.name);
  }

  async join(
    id: RoomId,
    as: { readonly nick: string; readonly password?: string },
  ): Promise<RoomState> {
    this.#takeName(as.nick);
    await this.#enter('join', [id, as]);
    const room = this.#network.room(id);
    if (this.#nicks.has(id)) return room.stateFor(this.#nick(id));
    const contact = this.#idFor({ kind: 'room', id });
    this.#network.person(contact);
    const member: Member = {
      nick: as.nick,
      rank: 'participant',
      contact,
      identity: this.name,
      ...this.#shown(),
    };
    const { password } = as;
    const state = room.enter({ member, tell: (event) => this.#toldInRoom(event), password });
    this.#nicks.set(id, as.nick);
    return state;
  }

  async leave(id: RoomId, reason?: string): Promise<void> {
    await this.#enter('leave', reason === undefined ? [id] : [id, reason]);
    const nick = this.#nicks.get(id);
    if (nick === undefined) return;
    this.#nicks.delete(id);
    const room = this.#network.room(id);
    room.remove(nick, 'left', undefined, reason);
    this.#network.tidy(room);
  }

  async rename(id: RoomId, nick: string): Promise<void> {
    await this.#enter('rename', [id, nick]);
    this.#room(id).rename(this.#nick(id), nick);
  }

  async setSubject(id: RoomId, text: string): Promise<void> {
    await this.#enter('setSubject', [id, text]);
    const room = this.#room(id);
    const nick = this.#nick(id);
    room.demand(nick, 'participant');
    room.setSubject(text, nick);
  }

  async moderate(id: RoomId, act: Moderation): Promise<void> {
    await this.#enter('moderate', [id, act]);
    this.#room(id).moderate(this.#nick(id), act);
  }

  async exclusions(id: RoomId): Promise<readonly Exclusion[]> {
    await this.#enter('exclusions', [id]);
    return [...this.#room(id).exclusions.values()];
  }

  async invite(id: RoomId, contact: ContactId, reason?: string): Promise<void> {
    await this.#enter('invite', reason === undefined ? [id, contact] : [id, contact, reason]);
    const room = this.#room(id);
    this.#person(contact);
    room.invite(contact);
    const event: Event = { kind: 'invited', room: id, by: this.#idFor({ kind: 'room', id }) };
    const words = reason === undefined ? {} : { reason };
    this.#network.receiverOf(contact)?.tell({ ...event, ...words });
  }

  // What the network does.

  tell(event: Event): void {
    void this.push(event);
  }

  push(event: Event): Promise<void> | undefined {
    if (this.#phase !== 'online') return undefined;
    if (this.#feed.push(event)) return this.#feed.behind;
    this.drop(new NetworkError('unreachable', 'The network waits no longer for you.'));
    return undefined;
  }

  drop(error: NetworkError): void {
    this.#drop?.(error);
  }

  #connected(): void {
    this.#phase = 'online';
    if (this.name !== '') this.#network.connect(this);
    this.#waiting.settle();
    for (const network of this.#networks) {
      this.tell({ kind: 'network', network: networkId(network), state: 'online' });
    }
    if (this.name === '') return;
    const { list } = this.#network.person(contactId(this.name));
    if (list.size === 0) return;
    const contacts = [...list.keys()].map((id) => ({ ...list.get(id), ...this.#seen(id) }));
    this.tell({ kind: 'contact-list', contacts, isComplete: true });
  }

  #seen(id: ContactId): Contact {
    return this.#network.person(id).contact;
  }

  #disconnected(phase: 'connecting' | 'ended'): void {
    this.#phase = phase;
    this.#drop = undefined;
    this.#feed.clear();
    this.#network.disconnect(this);
    this.#waiting.settle(gone());
    for (const [id, nick] of this.#nicks) {
      const room = this.#network.room(id);
      if (room.has(nick)) room.remove(nick, 'quit');
      this.#network.tidy(room);
    }
    this.#nicks.clear();
  }

  #end(signal: AbortSignal): void {
    this.#feed.end(signal, this.#network.lastWords);
    this.#disconnected('ended');
  }

  /** Every method begins so: it is told to the test, waits for the connection, and may be refused. */
  async #enter(method: Method, args: readonly unknown[]): Promise<void> {
    if (this.#phase === 'connecting') await this.#waiting.connected();
    if (this.#phase !== 'online') throw gone();
    const gate = this.#network.calls.enter(this.#call(method, args));
    if (gate === undefined) return;
    await this.#waiting.held(gate);
  }

  #call(
    method: Method,
    args: readonly unknown[],
  ): { user: string; method: Method; args: readonly unknown[] } {
    return { user: this.name, method, args };
  }

  /** Who never registered is called on the network as in the first room. */
  #takeName(nick: string): void {
    const name = nameOf(nick);
    if (this.name !== '' || name === undefined) return;
    this.name = this.#network.isOnline(name) ? `${name}.${this.#network.guest()}` : name;
    if (this.#phase === 'online') this.#network.connect(this);
  }

  #idFor({ id }: Address): ContactId {
    if (this.name === '') {
      throw new NetworkError('not-joined', 'Register a name, or join a room first.');
    }
    return contactId(idText(this.name, placeOf(id).network));
  }

  #person(id: ContactId): ReturnType<LoopbackNetwork['person']> {
    const person = this.#network.people.get(id);
    if (person !== undefined || this.#network.receiverOf(id) !== undefined) {
      return person ?? this.#network.person(id);
    }
    throw new NetworkError('not-found', `${placeOf(id).name} is not known here.`);
  }

  #nick(id: RoomId): string {
    const nick = this.#nicks.get(id);
    if (nick === undefined) throw new NetworkError('not-joined', 'You are not in that room.');
    return nick;
  }

  #room(id: RoomId): LoopbackRoom {
    this.#nick(id);
    return this.#network.room(id);
  }

  /** Hands a message to those whom it is for; `replaces` an earlier one. */
  #say(to: Address, content: Content, replaces?: MessageId): MessageId {
    const more = replaces === undefined ? {} : { replaces };
    if (to.kind === 'network') {
      this.tell({ kind: 'notice', network: to.id, text: `You said: ${content.text}` });
      return this.#network.store(contactId(this.name), contactId(to.id));
    }
    const me = this.#idFor(to);
    if (to.kind === 'room') {
      const room = this.#room(to.id);
      const nick = this.#nick(to.id);
      if (room.traits.includes('moderated')) room.demand(nick, 'participant');
      const id = this.#network.store(me, to.id);
      const author = { room: to.id, nick, identity: this.name };
      room.tell({ kind: 'room-message', ...author, ...content, ...more, id }, nick);
      for (const { contact } of room.played) this.#network.hear(contact, content.text);
      return id;
    }
    this.#person(to.id);
    const id = this.#network.store(me, to.id);
    const receiver = this.#network.receiverOf(to.id);
    receiver?.tell({ kind: 'message', from: me, nick: this.name, ...content, ...more, id });
    if (receiver === undefined) this.#network.hear(to.id, content.text);
    // The receipt comes behind the answer to the call that it is about.
    if (receiver !== undefined) {
      setImmediate(() => this.tell({ kind: 'receipt', to, id, state: 'delivered' }));
    }
    return id;
  }

  #message(to: Address, id: MessageId): StoredMessage {
    const message = this.#network.messages.get(id);
    const isHere =
      to.kind === 'room'
        ? message?.chat === to.id
        : message?.chat === to.id || message?.author === to.id;
    if (message !== undefined && isHere) return message;
    throw new NetworkError('not-found', 'There is no such message.');
  }

  #ownMessage(to: Address, id: MessageId): StoredMessage {
    const message = this.#message(to, id);
    if (message.author === this.#idFor(to)) return message;
    throw new NetworkError('refused', 'Somebody else wrote that message.');
  }

  /** Tells the other one, or all others in the room. */
  #tellChat(to: Address, event: (chat: Address, nick: { readonly nick?: string }) => Event): void {
    if (to.kind === 'room') {
      const nick = this.#nick(to.id);
      return this.#room(to.id).tell(event(to, { nick }), nick);
    }
    if (to.kind === 'network') return;
    const me = this.#idFor(to);
    this.#person(to.id);
    this.#network.receiverOf(to.id)?.tell(event({ kind: 'contact', id: me }, {}));
  }

  /** A room tells something: her own nick and that she is out are noted on the way. */
  #toldInRoom(event: Event): void {
    if (event.kind === 'renamed' && event.nick === this.#nicks.get(event.room)) {
      this.#nicks.set(event.room, event.member.nick);
    }
    if (event.kind === 'left' && event.nick === this.#nicks.get(event.room)) {
      this.#nicks.delete(event.room);
    }
    this.tell(event);
  }

  #asContact(id: ContactId): Contact {
    return { id, show: this.#show, status: this.#status ?? '' };
  }

  #shown(): Required<Pick<Member, 'show' | 'status'>> {
    const show = this.#show === 'offline' ? 'online' : this.#show;
    return { show, status: this.#status ?? '' };
  }

  #showMyself(): void {
    for (const [id, nick] of this.#nicks) this.#network.room(id).change(nick, this.#shown());
    if (this.name === '') return;
    const { id: _, ...shown } = this.#asContact(contactId(this.name));
    for (const network of ['', ...this.#networks]) {
      this.#network.show(idText(this.name, network), shown);
    }
  }
}
