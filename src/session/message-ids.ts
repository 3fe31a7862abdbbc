import type { Address, GatewayFeature, MessageId } from '../plugin/index.ts';
import { Latest } from './latest.ts';
import type { Sent } from './sent-messages.ts';

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
export interface OwnMessage extends KnownMessage, Omit<Sent, 'id'> {
  stanzaId: string | undefined;
  networkIds: readonly MessageId[];
  /** Settled when the network has taken or refused it. */
  handedOver: Promise<unknown>;
  /** What the sender still waits to be told: XEP-0184, XEP-0333. */
  asksReceipt: boolean;
  isMarkable: boolean;
  /** The parts of it that have not arrived yet, as far as is known. */
  undelivered: Set<MessageId> | undefined;
}

/** Finds messages that are no longer in memory. */
export interface Ledger {
  byId(chat: Address, id: string): Promise<KnownMessage | undefined>;
  byNetworkId(chat: Address, id: MessageId): Promise<KnownMessage | undefined>;
}

/** The latest messages between the user and the network, found by what either side calls them. */
export class MessageIds {
  /** Whether the network names messages, so that those in rooms are worth keeping, too. */
  readonly isForRooms: boolean;
  /** Asked for so seldom that looking through it costs less than keeping it by name. */
  readonly #messages = new Latest<KnownMessage | OwnMessage>();
  /** Those that have further ids, by them. */
  #aliases: Map<string, KnownMessage> | undefined;
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
    for (let old = this.#messages.oldest; old !== undefined; old = this.#messages.oldest) {
      if (this.#messages.size < KEEP_COUNT) break;
      this.#messages.dropOldest();
      this.#dropAliases(old);
    }
    this.#messages.add(message);
    return message;
  }

  /** The network, or the room, has named a message that is known. */
  named(
    message: OwnMessage,
    names: { readonly networkIds: readonly MessageId[]; readonly stanzaId: string | undefined },
  ): void {
    message.networkIds = names.networkIds;
    message.stanzaId = names.stanzaId ?? message.stanzaId;
  }

  /** Another name that clients may have for a message. */
  alsoCalled(message: KnownMessage, id: string): void {
    if (this.#messages.findLast((known) => known === message) === undefined) return;
    this.#aliases ??= new Map();
    this.#aliases.set(aliasIn(message.chat, id), message);
  }

  forget(message: KnownMessage): void {
    if (this.#messages.remove(message)) this.#dropAliases(message);
  }

  byId(chat: Address, id: string): KnownMessage | undefined {
    return (
      this.#find(chat, (message) => message.id === id) ?? this.#aliases?.get(aliasIn(chat, id))
    );
  }

  byStanzaId(chat: Address, stanzaId: string): KnownMessage | undefined {
    return this.#find(chat, (message) => message.stanzaId === stanzaId);
  }

  byNetworkId(chat: Address, id: MessageId): KnownMessage | undefined {
    return this.#find(chat, ({ networkIds }) => networkIds.includes(id));
  }

  /** What is no longer in memory comes back into it, to be found from then on. `undefined` when there is nowhere to look. */
  recallById(chat: Address, id: string): Promise<void> | undefined {
    if (this.#ledger === undefined || this.byId(chat, id) !== undefined) return undefined;
    return this.#ledger.byId(chat, id).then((message) => this.#recalled(message));
  }

  /** The same by what the network calls it. */
  recallByNetworkId(chat: Address, id: MessageId): Promise<void> | undefined {
    if (this.#ledger === undefined || this.byNetworkId(chat, id) !== undefined) return undefined;
    return this.#ledger.byNetworkId(chat, id).then((message) => this.#recalled(message));
  }

  /** What the user wrote to a chat up to a message, the latest first. */
  ownUpTo(chat: Address, last: KnownMessage): OwnMessage[] {
    const own: OwnMessage[] = [];
    for (const message of this.#messages.all()) {
      const isEarlier = message.order <= last.order;
      if (isEarlier && isOwn(message) && isSame(message.chat, chat)) own.push(message);
    }
    // What came back into memory stands behind what is later.
    return own.sort((one, other) => other.order - one.order);
  }

  #recalled(message: KnownMessage | undefined): void {
    if (message !== undefined) this.add(message);
  }

  #find(
    chat: Address,
    isMeant: (message: KnownMessage) => boolean,
  ): KnownMessage | OwnMessage | undefined {
    return this.#messages.findLast((message) => isMeant(message) && isSame(message.chat, chat));
  }

  #dropAliases(message: KnownMessage): void {
    if (this.#aliases === undefined) return;
    for (const [name, known] of this.#aliases) if (known === message) this.#aliases.delete(name);
  }
}

export function isOwn(message: KnownMessage): message is OwnMessage {
  return message.isOwn && 'handedOver' in message;
}

/** The beginning of a text, which does not hold on to the rest. */
export function beginningOf(text: string): string {
  if (text.length <= BEGINNING) return text;
  return `${Array.from(text.slice(0, BEGINNING)).slice(0, -1).join('')}…`;
}

function isSame(one: Address, other: Address): boolean {
  return one.kind === other.kind && one.id === other.id;
}

function aliasIn({ kind, id }: Address, name: string): string {
  return `${kind} ${id}\n${name}`;
}
