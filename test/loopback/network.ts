import { NetworkError, contactId, messageId, roomId } from 'causeway/plugin';
import type {
  Address,
  Contact,
  ContactCard,
  ContactId,
  Content,
  Event,
  File,
  GatewayContext,
  Member,
  MessageId,
  ReceiptEvent,
  Recipient,
  RoomId,
  RoomListing,
  Sent,
} from 'causeway/plugin';
import { idText, nameOf, placeOf } from './address.ts';
import { Calls } from './calls.ts';
import { LoopbackRoom } from './room.ts';

const MAX_MESSAGES = 10_000;
const EVENTS_PER_TURN = 500;
const PATIENCE_MS = 5_000;

/** Somebody on the network: a user of a gateway, or one whom a test plays. */
export interface Person {
  readonly id: ContactId;
  readonly name: string;
  contact: Contact;
  card: ContactCard;
  /** Whom this person has on the list, and sees. */
  readonly list: Map<ContactId, Contact>;
}

/** A message as the network keeps it, so that it can be changed and taken back. */
export interface StoredMessage {
  readonly author: ContactId;
  /** The room, or the other one of two. */
  readonly chat: ContactId | RoomId;
}

/** The side of a user's session that the network speaks to. */
export interface Receiver {
  readonly name: string;
  tell(event: Event): void;
  /** Like `tell`, but answers whether the core is behind. */
  push(event: Event): Promise<void> | undefined;
  drop(error: NetworkError): void;
}

/** What a message may carry besides its text. */
export type Extras = Omit<Content, 'text'> & {
  readonly at?: Date;
  readonly id?: MessageId;
  readonly replaces?: MessageId;
};

/** A whole network in memory, and the handle by which a test plays everybody on it who is no user of a gateway. */
export class LoopbackNetwork {
  static readonly #byName = new Map<string, LoopbackNetwork>();

  readonly calls = new Calls();
  readonly rooms = new Map<RoomId, LoopbackRoom>();
  readonly people = new Map<ContactId, Person>();
  readonly messages = new Map<MessageId, StoredMessage>();
  /** What may be answered to a message with; absent: anything. */
  allowedReactions: ReadonlySet<string> | undefined;
  /** Longer messages become several. */
  maxLength = Infinity;
  /** By name: a registration with another password is refused. */
  readonly passwords = new Map<string, string>();
  /** What the page of the step with a link would show. */
  consentCode = 'open sesame';
  /** What the gateway was created with. */
  context: GatewayContext | undefined;
  /** How often the gateway was started. */
  starts = 0;
  /** What has come over HTTP. */
  readonly requests: { readonly path: string; readonly request: Request }[] = [];
  /** Messages that the network has taken, by their keys. */
  readonly taken = new Map<string, Sent>();
  /** Whether it can tell later that it has taken a message. */
  remembersTaken = true;
  /** Whether it notes for each user when she leaves it. */
  notesLeaving = false;
  /** What its good-bye to a user waits for. */
  farewell = Promise.resolve();
  /** What a session tells when the registration of its user ends. */
  readonly lastWords: Event[] = [];
  /** The files of users, fetched when their messages came. */
  readonly files: { readonly name: string; readonly type: string; readonly text: string }[] = [];
  readonly #losses: ('before' | 'after')[] = [];
  readonly #heard = new Map<ContactId, string[]>();
  readonly #kept = new Map<string, (() => void)[]>();
  readonly #receivers = new Map<string, Receiver>();
  #count = 0;

  /** The network that gateways share which were configured with the same `world`. */
  static named(name: string): LoopbackNetwork {
    const known = LoopbackNetwork.#byName.get(name) ?? new LoopbackNetwork();
    LoopbackNetwork.#byName.set(name, known);
    return known;
  }

  // What tests do.

  /** Makes somebody known, with what a look-up tells. */
  meet(name: string, card: ContactCard = {}, contact: Omit<Contact, 'id'> = {}): ContactId {
    const person = this.person(idOf(name));
    person.card = card;
    person.contact = { ...person.contact, ...contact };
    return person.id;
  }

  /** Somebody shows herself in another way: those who have her on their list see it. */
  show(name: string, contact: Omit<Contact, 'id'>): void {
    const person = this.person(idOf(name));
    person.contact = { ...person.contact, ...contact };
    this.#tellWatchers(person.id, { kind: 'contact', contact: { id: person.id, ...contact } });
  }

  /** Somebody writes to a user. @returns the message's id */
  tell(user: string, from: string, text: string, extras: Extras = {}): MessageId {
    const person = this.person(idOf(from));
    const id = this.store(person.id, contactId(user), extras.id);
    this.emit(user, { kind: 'message', from: person.id, nick: from, text, ...extras, id });
    return id;
  }

  /** As `tell`, for a user who may be away: the network keeps it until she is back. */
  keep(user: string, from: string, text: string): void {
    if (this.isOnline(user)) return void this.tell(user, from, text);
    this.#kept.set(user, [...(this.#kept.get(user) ?? []), () => void this.tell(user, from, text)]);
  }

  /** A user writes with another program: to somebody, or in a room that she is in. */
  sayElsewhere(user: string, to: string, text: string, extras: Extras = {}): MessageId {
    const { name, network } = placeOf(to);
    const own = contactId(idText(user, network));
    if (name.startsWith('#')) {
      const room = this.room(to);
      const nick = room.members.find(({ contact }) => contact === own)?.nick;
      if (nick === undefined) throw new Error(`${user} is not in ${to}`);
      return this.say(to, nick, text, extras);
    }
    const id = this.store(own, contactId(to), extras.id);
    this.emit(user, { kind: 'message', from: idOf(to), text, ...extras, id, isOwn: true });
    return id;
  }

  /** A room, made now if there is none. */
  room(name: string): LoopbackRoom {
    const id = roomId(name.toLowerCase());
    const known = this.rooms.get(id) ?? new LoopbackRoom(id);
    this.rooms.set(id, known);
    return known;
  }

  /** Somebody comes into a room. */
  join(room: string, nick: string, more: Partial<Omit<Member, 'nick'>> = {}): void {
    const name = nameOf(nick);
    const contact = name === undefined ? undefined : contactId(idText(name, placeOf(room).network));
    if (contact !== undefined) this.person(contact);
    const member: Member = {
      nick,
      rank: 'participant',
      ...(contact === undefined ? {} : { contact }),
      ...(name === undefined ? {} : { identity: name }),
      ...more,
    };
    const target = this.room(room);
    target.enter({
      member,
      ...(target.key === undefined ? {} : { password: target.key }),
    });
  }

  /** Somebody says something in a room; without a nick, the room itself does. @returns the message's id */
  say(room: string, nick: string | undefined, text: string, extras: Extras = {}): MessageId {
    const place = this.room(room);
    const member = nick === undefined ? undefined : place.member(nick);
    const author = member?.contact ?? contactId(nick ?? '');
    const id = this.store(author, place.id, extras.id);
    place.tell({
      kind: 'room-message',
      room: place.id,
      ...(nick === undefined ? {} : { nick }),
      ...(member?.identity === undefined ? {} : { identity: member.identity }),
      text,
      ...extras,
      id,
    });
    return id;
  }

  /** What users have written to somebody whom a test plays, in private and in the rooms that she is in. */
  heard(name: string): readonly string[] {
    return this.#heard.get(idOf(name)) ?? [];
  }

  /** A message of a user has arrived, or was seen, at the other one, or at a member of the room. */
  receipt(user: string, to: Address, receipt: Omit<ReceiptEvent, 'kind' | 'to'>): void {
    this.emit(user, { kind: 'receipt', to, ...receipt });
  }

  /** Tells a user's session anything that `src/plugin` has an event for. */
  emit(user: string, event: Event): void {
    this.#receiver(user).tell(event);
  }

  /** Tells many events as fast as the core takes them, and as a socket would bring them: not all in one turn. */
  async flood(user: string, count: number, event: (index: number) => Event): Promise<void> {
    const receiver = this.#receiver(user);
    for (let index = 0; index < count; index += 1) {
      const behind = receiver.push(event(index));
      if (behind !== undefined) await behind;
      if (index % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The session of a user is lost as a whole: its `run` rejects. */
  dropConnection(
    user: string,
    error = new NetworkError('unreachable', 'The loopback network is gone.'),
  ): void {
    this.#receiver(user).drop(error);
  }

  /** Whether a user is connected. */
  isOnline(user: string): boolean {
    return this.#receivers.has(user);
  }

  /** What was said and asked so far is over: a test that runs for long needs no more of it. */
  forget(): void {
    this.calls.forget();
    this.messages.clear();
    this.#heard.clear();
    this.#kept.clear();
  }

  /** The next call of this method fails. */
  refuseNext(...args: Parameters<Calls['refuseNext']>): void {
    this.calls.refuseNext(...args);
  }

  /** The connection breaks while the next message is sent: before or after the network has taken it. */
  breakNext(when: 'before' | 'after'): void {
    this.#losses.push(when);
  }

  /** What the gateway answers over HTTP: an echo, and nothing to other methods than GET and POST. */
  async answer(request: Request, path: string): Promise<Response> {
    this.requests.push({ path, request: request.clone() });
    if (path === 'throws') throw new Error('a secret of the gateway');
    if (request.method !== 'GET' && request.method !== 'POST') {
      return new Response('No', { status: 405, headers: { allow: 'GET, POST' } });
    }
    return new Response(`${request.method} ${request.url} ${await request.text()}`, {
      status: 202,
      headers: { 'x-loop': 'yes' },
    });
  }

  /** Calls of this method wait, until what this returns is called. */
  slow(...args: Parameters<Calls['slow']>): () => void {
    return this.calls.slow(...args);
  }

  /** The oldest call of this method that was not expected yet, waited for if need be. */
  expect(...args: Parameters<Calls['expect']>): ReturnType<Calls['expect']> {
    return this.calls.expect(...args);
  }

  // What sessions do.

  /** Fetches the files of a message, and hands them on. */
  async carry(files: readonly File[]): Promise<File[]> {
    return Promise.all(
      files.map(async (file) => {
        const { name, type } = file;
        const content = await file.open(AbortSignal.timeout(PATIENCE_MS));
        const text = await new Response(content).text();
        this.files.push({ name, type, text });
        return fileOf(name, type, text);
      }),
    );
  }

  /** Those who get a message, too. Who is called "nobody" is refused. */
  sendToOthers(also: readonly Recipient[], text: string): Pick<Sent, 'refused'> {
    const refused = also.filter(({ contact }) => contact === 'nobody');
    for (const { contact } of also) if (contact !== 'nobody') this.hear(contact, text);
    if (refused.length === 0) return {};
    const error = new NetworkError('not-found', 'Nobody is there.');
    return { refused: refused.map(({ contact }) => ({ contact, error })) };
  }

  nextLoss(): 'before' | 'after' | undefined {
    return this.#losses.shift();
  }

  connect(receiver: Receiver): void {
    this.#receivers.set(receiver.name, receiver);
    for (const tell of this.#kept.get(receiver.name) ?? []) tell();
    this.#kept.delete(receiver.name);
  }

  disconnect(receiver: Receiver): void {
    if (this.#receivers.get(receiver.name) === receiver) this.#receivers.delete(receiver.name);
  }

  /** The user with this id, when she is connected. */
  receiverOf(contact: ContactId): Receiver | undefined {
    return this.#receivers.get(placeOf(contact).name);
  }

  /** The session of everybody. */
  receivers(): Iterable<Receiver> {
    return this.#receivers.values();
  }

  /** Somebody on the network, made known if need be. */
  person(id: ContactId): Person {
    const { name } = placeOf(id);
    const known = this.people.get(id) ?? {
      id,
      name,
      contact: { id },
      card: {},
      list: new Map<ContactId, Contact>(),
    };
    this.people.set(id, known);
    return known;
  }

  /** Somebody whom a test plays is written to. */
  hear(id: ContactId, text: string): void {
    const texts = this.#heard.get(id) ?? [];
    if (texts.length >= MAX_MESSAGES) texts.shift();
    texts.push(text);
    this.#heard.set(id, texts);
  }

  /** Keeps a message under an id of its own. */
  store(author: ContactId, chat: ContactId | RoomId, id = this.#nextId()): MessageId {
    if (this.messages.size >= MAX_MESSAGES) {
      for (const oldest of this.messages.keys()) {
        this.messages.delete(oldest);
        break;
      }
    }
    this.messages.set(id, { author, chat });
    return id;
  }

  listing(network: string, name: string | undefined): RoomListing[] {
    const found: RoomListing[] = [];
    for (const room of this.rooms.values()) {
      if (placeOf(room.id).network !== network || room.traits.includes('hidden')) continue;
      if (name !== undefined && !room.id.includes(name.toLowerCase())) continue;
      found.push({
        id: room.id,
        size: room.size,
        ...(room.name === undefined ? {} : { name: room.name }),
        ...(room.subject === undefined ? {} : { subject: room.subject.text }),
      });
    }
    return found;
  }

  /** A room without anybody in it is gone, unless it is meant to stay. */
  tidy(room: LoopbackRoom): void {
    if (room.size === 0 && !room.traits.includes('persistent')) this.rooms.delete(room.id);
  }

  /** A number that no guest has had. */
  guest(): number {
    this.#count += 1;
    return this.#count;
  }

  #tellWatchers(id: ContactId, event: Event): void {
    for (const { id: watcher, list } of this.people.values()) {
      if (list.has(id)) this.receiverOf(watcher)?.tell(event);
    }
  }

  #nextId(): MessageId {
    this.#count += 1;
    return messageId(`m${this.#count}`);
  }

  #receiver(user: string): Receiver {
    const receiver = this.#receivers.get(user);
    if (receiver === undefined) throw new Error(`${user} is not connected to the network`);
    return receiver;
  }
}

/** A file of the network; without a place where anybody could fetch it. */
export function fileOf(name: string, type: string, text: string): File {
  return {
    name,
    type,
    sizeBytes: Buffer.byteLength(text),
    open: () => Promise.resolve(new Blob([text]).stream()),
  };
}

/** The id of somebody by the name that a test writes. */
function idOf(name: string): ContactId {
  const { name: local, network } = placeOf(name);
  const folded = nameOf(local);
  if (folded === undefined) throw new Error(`"${name}" is no name on this network`);
  return contactId(idText(folded, network));
}
