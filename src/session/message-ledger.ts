import { chatOf } from '../delivery/chat-name.ts';
import { decodeItem } from '../delivery/outgoing-item.ts';
import { decodeHeard, messageName, receiptName } from '../delivery/stored-event.ts';
import { messageId } from '../plugin/index.ts';
import type { Address, MessageId } from '../plugin/index.ts';
import type { DeliveryPlace } from '../store/delivery-place.ts';
import type { InboxRow } from '../store/inbox.ts';
import type { OutboxRow } from '../store/outbox.ts';
import type { GatewayDomain } from './gateway-domain.ts';
import type { KnownMessage, Ledger, OwnMessage } from './message-ids.ts';

/** What is found on disk is older than all that is in memory. */
const OLD = -1e15;
/** A message that is corrected again and again. */
const MAX_CORRECTIONS = 20;

/** The messages of one user that are kept for a while after they have arrived. */
export class MessageLedger implements Ledger {
  readonly #place: DeliveryPlace;
  readonly #domain: Pick<GatewayDomain, 'store' | 'files'>;

  constructor(place: DeliveryPlace, domain: Pick<GatewayDomain, 'store' | 'files'>) {
    this.#place = place;
    this.#domain = domain;
  }

  async byId(chat: Address, id: string): Promise<KnownMessage | undefined> {
    const { inbox, outbox } = this.#domain.store;
    const name = chatOf(chat);
    const own = await outbox.byStanzaId(this.#place, name, id);
    if (own !== undefined) return this.#own(chat, own);
    // The parts of a long message are numbered.
    const heard =
      (await inbox.byStanzaId(this.#place, name, id)) ??
      (await inbox.byStanzaId(this.#place, name, id.replace(/-\d+$/, '')));
    return heard === undefined ? undefined : this.#heard(chat, heard);
  }

  async byNetworkId(chat: Address, id: MessageId): Promise<KnownMessage | undefined> {
    const { inbox, outbox } = this.#domain.store;
    const name = chatOf(chat);
    const own = await outbox.byName(this.#place, name, id);
    if (own !== undefined) return this.#own(chat, own);
    const heard = await inbox.byName(this.#place, name, messageName(id));
    return heard === undefined ? undefined : this.#heard(chat, heard);
  }

  async #own(chat: Address, row: OutboxRow): Promise<OwnMessage> {
    const { outbox, inbox } = this.#domain.store;
    const { message, stanza, isMarkable } = decodeItem(row.content, this.#domain.files);
    const names = await outbox.names(this.#place, row);
    const receipts = await Promise.all(
      names.map((name) => inbox.byName(this.#place, row.chat, receiptName(name, 'delivered'))),
    );
    const undelivered = names.filter((_, index) => receipts[index]?.state !== 'done');
    return {
      chat,
      id: stanza.id,
      stanzaId: undefined,
      networkIds: names.map(messageId),
      isOwn: true,
      nick: undefined,
      text: message.text,
      order: OLD + row.createdAt,
      handedOver: Promise.resolve(),
      key: row.key,
      at: row.createdAt,
      sender: stanza.from,
      receiver: stanza.to,
      type: stanza.type,
      asksReceipt: message.asksReceipt && undelivered.length > 0,
      isMarkable,
      undelivered: new Set(undelivered.map(messageId)),
    };
  }

  async #heard(chat: Address, row: InboxRow): Promise<KnownMessage | undefined> {
    const heard = decodeHeard(row.content);
    if (heard === undefined) return undefined;
    return {
      chat,
      id: (await this.#first(row)).stanzaId,
      stanzaId: undefined,
      networkIds: [heard.id ?? messageId(row.name.slice(messageName('').length))],
      isOwn: heard.isOwn,
      nick: heard.nick,
      text: heard.text,
      order: OLD + row.createdAt,
    };
  }

  /** All corrections of a message name the first (XEP-0308 §4). */
  async #first(row: InboxRow): Promise<InboxRow> {
    const { inbox } = this.#domain.store;
    let first = row;
    for (let count = 0; count < MAX_CORRECTIONS; count += 1) {
      const replaces = decodeHeard(first.content)?.replaces;
      if (replaces === undefined) return first;
      const earlier = await inbox.byName(this.#place, row.chat, messageName(replaces));
      if (earlier === undefined) return first;
      first = earlier;
    }
    return first;
  }
}
