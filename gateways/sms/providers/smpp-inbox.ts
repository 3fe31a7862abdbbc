import { randomUUID } from 'node:crypto';
import type { Pdu } from 'smpp';
import type { Desk } from '../provider.ts';
import { Shelf } from '../shelf.ts';
import { OK, RX_REJECTED, RX_TEMPORARY, readReceipt } from './smpp-codes.ts';
import type { SmppReceipts } from './smpp-receipts.ts';

/** §5.2.12: message type of esm_class; and type 4 is a receipt of the SMSC. */
const TYPE_MASK = 0x3c;
const RECEIPT = 0x04;
const INTERNATIONAL = 1;
const PARTS_MS = 10 * 60_000;

interface Part {
  readonly reference: number;
  readonly total: number;
  readonly number: number;
}

/** What the SMSC delivers: texts, whole or in parts, and receipts. */
export class SmppInbox {
  readonly #desk: Desk;
  readonly #receipts: SmppReceipts;
  /** Parts whose rest has not come. They have been acknowledged, so they rest on disk. */
  readonly #parts: Shelf;
  /** Texts that are not whole, by sender, recipient, reference and number of parts; with the timer that gives up. */
  readonly #waiting = new Map<string, NodeJS.Timeout>();

  constructor(desk: Desk, receipts: SmppReceipts) {
    this.#desk = desk;
    this.#receipts = receipts;
    this.#parts = new Shelf(desk.memory, 'parts');
  }

  /** Parts that were left when the gateway stopped get their time, too. */
  async start(): Promise<void> {
    for (const key of await this.#parts.keys()) this.#await(key.slice(0, key.lastIndexOf(' ')));
  }

  /** @returns the status of the answer */
  async take(pdu: Pdu): Promise<number> {
    const text = textOf(pdu);
    if (((pdu.esm_class ?? 0) & TYPE_MASK) === RECEIPT) {
      const receipt = readReceipt(text, pdu);
      if (receipt === undefined) this.#desk.log.warn('a receipt could not be read');
      else await this.#receipts.take(receipt);
      return OK;
    }
    const from = addressOf(pdu.source_addr ?? '', pdu.source_addr_ton);
    const to = addressOf(pdu.destination_addr ?? '', pdu.dest_addr_ton);
    const part = partOf(pdu);
    try {
      if (part === undefined) return await this.#receive(randomUUID(), from, to, text);
      return await this.#takePart(`${from} ${to} ${part.reference} ${part.total}`, part, text);
    } catch (error) {
      this.#desk.log.warn({ err: error }, 'a text could not be stored: the SMSC will try again');
      return RX_TEMPORARY;
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    await this.#parts.flush();
  }

  async #receive(id: string, from: string, to: string, text: string): Promise<number> {
    const reception = await this.#desk.received({ id, from, to, text });
    return reception === 'stored' ? OK : RX_REJECTED;
  }

  async #takePart(place: string, part: Part, text: string): Promise<number> {
    await this.#parts.put(`${place} ${part.number}`, text);
    const parts = await this.#read(place, part.total);
    if (parts.every((one) => one !== undefined)) return this.#finish(place, parts.map(String));
    await this.#parts.flush();
    this.#await(place);
    return OK;
  }

  #await(place: string): void {
    if (this.#waiting.has(place)) return;
    const total = Number(place.slice(place.lastIndexOf(' ') + 1));
    this.#waiting.set(place, setTimeout(() => this.#giveUp(place, total), PARTS_MS).unref());
  }

  #read(place: string, total: number): Promise<(string | undefined)[]> {
    return Promise.all(
      Array.from({ length: total }, (_, index) => this.#parts.get(`${place} ${index + 1}`)),
    );
  }

  async #finish(place: string, parts: readonly string[]): Promise<number> {
    const [from = '', to = ''] = place.split(' ');
    const status = await this.#receive(randomUUID(), from, to, parts.join(''));
    clearTimeout(this.#waiting.get(place));
    this.#waiting.delete(place);
    for (const index of parts.keys()) await this.#parts.delete(`${place} ${index + 1}`);
    await this.#parts.flush();
    return status;
  }

  /** What is there of a text is better than nothing. */
  #giveUp(place: string, total: number): void {
    this.#read(place, total)
      .then((parts) =>
        this.#finish(
          place,
          parts.map((part) => part ?? ' […] '),
        ),
      )
      .catch((error: unknown) => {
        this.#desk.log.warn({ err: error }, 'a text without all its parts could not be stored');
      });
  }
}

function textOf({ short_message, message_payload }: Pdu): string {
  const payload = message_payload?.message;
  const message = payload !== undefined && payload.length > 0 ? payload : short_message?.message;
  // Bytes whose coding is not known.
  return typeof message === 'string' ? message : (message?.toString('latin1') ?? '');
}

const addressOf = (address: string, ton: number | undefined): string => {
  const text = address.replaceAll(' ', '\u00a0').trim();
  return ton === INTERNATIONAL && /^\d+$/.test(text) ? `+${text}` : text;
};

/** 3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8; or the fields of §5.3.2.22-24. */
function partOf(pdu: Pdu): Part | undefined {
  for (const element of pdu.short_message?.udh ?? []) {
    const [identifier, , ...data] = element;
    const [first = 0, second = 0, third = 0, fourth = 0] = data;
    if (identifier === 0x00) return partWith(first, second, third);
    if (identifier === 0x08) return partWith(first * 256 + second, third, fourth);
  }
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = pdu;
  if (sar_msg_ref_num === undefined) return undefined;
  return partWith(sar_msg_ref_num, sar_total_segments ?? 1, sar_segment_seqnum ?? 1);
}

function partWith(reference: number, total: number, number: number): Part | undefined {
  if (total < 2 || number < 1 || number > total) return undefined;
  return { reference, total, number };
}
