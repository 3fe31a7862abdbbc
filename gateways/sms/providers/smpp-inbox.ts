import { randomUUID } from 'node:crypto';
import type { Pdu } from 'smpp';
import { Lanes } from '../lanes.ts';
import type { Desk, TextIn } from '../provider.ts';
import { Shelf } from '../shelf.ts';
import { OK, RX_REJECTED, RX_TEMPORARY, readReceipt } from './smpp-codes.ts';
import type { SmppReceipts } from './smpp-receipts.ts';
import { saidIn } from './smpp-text.ts';
import type { Said } from './smpp-text.ts';

/** §5.2.12: message type of esm_class: a receipt of the SMSC, and what it tells before the end. */
const TYPE_MASK = 0x3c;
const RECEIPTS: ReadonlySet<number> = new Set([0x04, 0x20]);
const INTERNATIONAL = 1;
const PARTS_MS = 10 * 60_000;
/** So soon after a text an equal part of it is a repetition: the SMSC has not heard the answer. */
const REPEATED_MS = 60_000;
const MAX_FINISHED = 1_000;
/** Begins a part that is no text, and is in none that is; behind it stands how many bytes it has. */
const BYTES = '\u0000';
/** Besides the parts: what the text will be called. */
const ID = 'id';

interface Finished {
  readonly parts: readonly string[];
  readonly at: number;
}

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
  /** Parts that come together are taken one after the other: the last of them makes the text whole, and no other. */
  readonly #lanes = new Lanes();
  /** The last texts of several parts. */
  readonly #finished = new Map<string, Finished>();

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
    const said = saidIn(pdu);
    if (isReceipt(pdu)) {
      const receipt = readReceipt(said.kind === 'text' ? said.text : '', pdu);
      if (receipt === undefined) this.#desk.log.warn('a receipt could not be read');
      else await this.#receipts.take(receipt);
      return OK;
    }
    const from = addressOf(pdu.source_addr ?? '', pdu.source_addr_ton);
    const to = addressOf(pdu.destination_addr ?? '', pdu.dest_addr_ton);
    const part = partOf(pdu);
    try {
      if (part === undefined) {
        return await this.#receive({ id: randomUUID(), from, to, ...contentOf([written(said)]) });
      }
      const place = `${from} ${to} ${part.reference} ${part.total}`;
      return await this.#lanes.run(place, () => this.#takePart(place, part, written(said)));
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

  async #receive(text: TextIn): Promise<number> {
    return (await this.#desk.received(text)) === 'stored' ? OK : RX_REJECTED;
  }

  async #takePart(place: string, part: Part, text: string): Promise<number> {
    if (this.#isRepeated(place, part, text)) return OK;
    const id = `${place} ${ID}`;
    if ((await this.#parts.get(id)) === undefined) await this.#parts.put(id, randomUUID());
    await this.#parts.put(`${place} ${part.number}`, text);
    const parts = await this.#read(place, part.total);
    if (parts.every((one) => one !== undefined)) return this.#finish(place, parts.map(String));
    await this.#parts.flush();
    this.#await(place);
    return OK;
  }

  #isRepeated(place: string, { number }: Part, text: string): boolean {
    const finished = this.#finished.get(place);
    if (finished === undefined || this.#waiting.has(place)) return false;
    return Date.now() - finished.at < REPEATED_MS && finished.parts[number - 1] === text;
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
    // The same when it is done again after a crash.
    const id = (await this.#parts.get(`${place} ${ID}`)) ?? randomUUID();
    const status = await this.#receive({ id, from, to, ...contentOf(parts) });
    this.#finished.delete(place);
    this.#finished.set(place, { parts, at: Date.now() });
    const [oldest] = this.#finished.keys();
    if (this.#finished.size > MAX_FINISHED && oldest !== undefined) this.#finished.delete(oldest);
    await this.#forget(place, parts.length);
    return status;
  }

  async #forget(place: string, total: number): Promise<void> {
    clearTimeout(this.#waiting.get(place));
    this.#waiting.delete(place);
    for (let number = 1; number <= total; number += 1) {
      await this.#parts.delete(`${place} ${number}`);
    }
    await this.#parts.delete(`${place} ${ID}`);
    await this.#parts.flush();
  }

  #giveUp(place: string, total: number): void {
    const end = (): Promise<void> => {
      this.#waiting.delete(place);
      return this.#endWithout(place, total);
    };
    this.#lanes.run(place, end).catch((error: unknown) => {
      this.#desk.log.warn({ err: error }, 'a text without all its parts could not be stored');
      this.#await(place);
    });
  }

  /** What is there of a text is better than nothing, unless it is there already. */
  async #endWithout(place: string, total: number): Promise<void> {
    const parts = await this.#read(place, total);
    const known = this.#finished.get(place)?.parts;
    const isKnown = parts.every((part, index) => part === undefined || part === known?.[index]);
    if (isKnown) await this.#forget(place, total);
    else {
      const shown = parts.map((part) => part ?? ' […] ');
      await this.#finish(place, shown);
    }
  }
}

/** Some set the fields of a receipt, and nothing else. */
const isReceipt = ({ esm_class = 0, receipted_message_id }: Pdu): boolean =>
  RECEIPTS.has(esm_class & TYPE_MASK) || (receipted_message_id ?? '') !== '';

const written = (said: Said): string =>
  said.kind === 'text' ? said.text.replaceAll(BYTES, '') : BYTES + said.count;

/** Of several parts, one of which is no text, none is. */
function contentOf(parts: readonly string[]): Pick<TextIn, 'text' | 'bytes'> {
  if (!parts.some((part) => part.startsWith(BYTES))) return { text: parts.join('') };
  const counts = parts.map((part) =>
    part.startsWith(BYTES) ? Number(part.slice(BYTES.length)) : part.length,
  );
  return { text: '', bytes: counts.reduce((sum, count) => sum + count, 0) };
}

/** No number of E.164 is shorter than seven digits: what is called international then is a short code all the same. */
const addressOf = (address: string, ton: number | undefined): string => {
  const text = address.replaceAll(' ', '\u00a0').trim();
  const digits = text.replace(/^00/, '');
  return ton === INTERNATIONAL && /^\d{7,}$/.test(digits) ? `+${digits}` : text;
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
