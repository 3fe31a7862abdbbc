import type { Address, GatewayFeature, MessageId } from '../plugin/index.ts';

const KEEP_COUNT = 500;
const BEGINNING = 200;
/** With these it matters what the network calls a message. */
const NAMING: ReadonlySet<GatewayFeature> = new Set([
  'edit',
  'retract',
  'react',
  'mark',
  'reply',
  'receipts',
]);

/** A message as both sides name it. */
export interface KnownMessage {
  readonly chat: Address;
  /** The `id` attribute that it has for the user's clients; of one that was corrected, that of the first. */
  readonly id: string | undefined;
  /** In rooms: the id that the room gave it (XEP-0359). */
  readonly stanzaId: string | undefined;
  /** Empty when the network does not name its messages. */
  readonly networkIds: readonly MessageId[];
  readonly isOwn: boolean;
  /** Of its author, as it was then. */
  readonly nick: string | undefined;
  /** In rooms, where it is known: that of its author (XEP-0421). */
  readonly occupantId?: string;
  /** How it begins. */
  readonly text: string;
  /** Rises from message to message within one chat. */
  readonly order: number;
}

/** A message of the user that the network has been given. */
export interface OwnMessage extends KnownMessage {
  stanzaId: string | undefined;
  networkIds: readonly MessageId[];
  /** Settled when the network has taken or refused it. */
  readonly handedOver: Promise<unknown>;
  /** The JIDs that it came from and went to. */
  readonly sender: string;
  readonly receiver: string;
  /** `chat`, `normal`, `groupchat`. */
  readonly type: string;
  /** What the sender still waits to be told: XEP-0184, XEP-0333. */
  asksReceipt: boolean;
  isMarkable: boolean;
  /** The parts of it that have not arrived yet, as far as is known. */
  undelivered: Set<MessageId> | undefined;
}

/** Finds messages that are no longer in memory. */
export interface Ledger {
  byId(chat: Address, id: string): KnownMessage | undefined;
  byNetworkId(chat: Address, id: MessageId): KnownMessage | undefined;
}

/** The latest messages between the user and the network, found by what either side calls them. */
export class MessageIds {
  /** Whether the network names messages, so that those in rooms are worth keeping, too. */
  readonly isForRooms: boolean;
  readonly #messages = new Set<KnownMessage | OwnMessage>();
  readonly #byName = new Map<string, KnownMessage | OwnMessage>();
  readonly #aliases = new WeakMap<KnownMessage, string[]>();
  readonly #ledger: Ledger | undefined;
  #order = 0;

  constructor(features: readonly GatewayFeature[], ledger?: Ledger) {
    this.#ledger = ledger;
    this.isForRooms = features.some((feature) => NAMING.has(feature));
  }

  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  add<Message extends KnownMessage>(message: Message): Message {
    for (const oldest of this.#messages) {
      if (this.#messages.size < KEEP_COUNT) break;
      this.forget(oldest);
    }
    this.#messages.add(message);
    for (const name of namesOf(message)) this.#byName.set(name, message);
    return message;
  }

  /** The network, or the room, has named a message that is known. */
  named(
    message: OwnMessage,
    names: { readonly networkIds: readonly MessageId[]; readonly stanzaId: string | undefined },
  ): void {
    for (const name of namesOf(message)) this.#drop(name, message);
    message.networkIds = names.networkIds;
    message.stanzaId = names.stanzaId ?? message.stanzaId;
    if (!this.#messages.has(message)) return;
    for (const name of namesOf(message)) this.#byName.set(name, message);
  }

  /** Another name that clients may have for a message. */
  alsoCalled(message: KnownMessage, id: string): void {
    if (!this.#messages.has(message)) return;
    const name = nameIn(message.chat, 'id', id);
    this.#byName.set(name, message);
    const aliases = this.#aliases.get(message);
    if (aliases === undefined) this.#aliases.set(message, [name]);
    else aliases.push(name);
  }

  forget(message: KnownMessage): void {
    this.#messages.delete(message);
    for (const name of this.#aliases.get(message) ?? []) this.#drop(name, message);
    for (const name of namesOf(message)) this.#drop(name, message);
  }

  byId(chat: Address, id: string): KnownMessage | undefined {
    return this.#byName.get(nameIn(chat, 'id', id)) ?? this.#recalled(this.#ledger?.byId(chat, id));
  }

  byStanzaId(chat: Address, stanzaId: string): KnownMessage | undefined {
    return this.#byName.get(nameIn(chat, 'stanza', stanzaId));
  }

  byNetworkId(chat: Address, id: MessageId): KnownMessage | undefined {
    const known = this.#byName.get(nameIn(chat, 'network', id));
    return known ?? this.#recalled(this.#ledger?.byNetworkId(chat, id));
  }

  /** What the user wrote to a chat up to a message, the latest first. */
  ownUpTo(chat: Address, last: KnownMessage): OwnMessage[] {
    const own: OwnMessage[] = [];
    for (const message of this.#messages) {
      if (isOwn(message) && isSame(message.chat, chat)) own.push(message);
      if (message === last) break;
    }
    return own.reverse();
  }

  #recalled(message: KnownMessage | undefined): KnownMessage | undefined {
    return message === undefined ? undefined : this.add(message);
  }

  #drop(name: string, message: KnownMessage): void {
    if (this.#byName.get(name) === message) this.#byName.delete(name);
  }
}

export function isOwn(message: KnownMessage): message is OwnMessage {
  return message.isOwn && 'sender' in message;
}

/** The beginning of a text, which does not hold on to the rest. */
export function beginningOf(text: string): string {
  if (text.length <= BEGINNING) return text;
  return `${Array.from(text.slice(0, BEGINNING)).slice(0, -1).join('')}…`;
}

function isSame(one: Address, other: Address): boolean {
  return one.kind === other.kind && one.id === other.id;
}

function nameIn({ kind, id }: Address, sort: 'id' | 'stanza' | 'network', name: string): string {
  return `${kind} ${id}\n${sort} ${name}`;
}

function namesOf({ chat, id, stanzaId, networkIds }: KnownMessage): string[] {
  const names = networkIds.map((networkId) => nameIn(chat, 'network', networkId));
  if (id !== undefined) names.push(nameIn(chat, 'id', id));
  if (stanzaId !== undefined) names.push(nameIn(chat, 'stanza', stanzaId));
  return names;
}
