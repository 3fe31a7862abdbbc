import { Lanes } from '../lanes.ts';
import { dialled } from '../party.ts';
import type { Desk, TextOut } from '../provider.ts';
import { Shelf } from '../shelf.ts';
import { idForms } from './smpp-codes.ts';
import type { Receipt } from './smpp-codes.ts';

const MAX_EARLY = 1_000;
/** Later than that no answer comes, and ids are given again. */
const EARLY_MS = 60_000;
const MAX_RECENT = 5_000;
/** Of two writings of one number, the shorter is the end of the longer, and so long at least. */
const SHORTEST_END = 6;

interface Expected {
  readonly key: string;
  readonly ticket: string;
  readonly total: number;
  /** Whom it went to, as dialled. */
  readonly to: string;
}

interface Early {
  readonly receipt: Receipt;
  readonly at: number;
}

/** Which text a delivery receipt is about: the SMSC's ids are all that it names. A text has arrived when all its parts have. */
export class SmppReceipts {
  readonly #desk: Desk;
  /** By the SMSC's id, and how many parts of a text have arrived by its key; outlives a restart. */
  readonly #shelf: Shelf;
  /** The same for what was sent just now: a receipt may come with the answer. */
  readonly #recent = new Map<string, Expected>();
  readonly #lanes = new Lanes();
  #noting: Promise<unknown> = Promise.resolve();
  /** Receipts that came before the answer to what they are about. */
  readonly #early = new Map<string, Early>();

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#shelf = new Shelf(desk.memory, 'receipts');
  }

  /** Notes what the SMSC calls a part of a text; {@link saved} has it on disk. */
  expect(id: string, { key, ticket, to }: TextOut, total: number): void {
    const expected = { key, ticket, total, to: dialled(to) };
    this.#recent.set(id, expected);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MAX_RECENT && oldest !== undefined) this.#recent.delete(oldest);
    const receipt = this.#takeEarly(id, expected);
    this.#noting = Promise.all([
      this.#noting,
      this.#shelf.put(id, `${total} ${ticket} ${key}\n${expected.to}`).catch(this.#missed),
    ]);
    if (receipt !== undefined) this.#tell(receipt, id, expected).catch(this.#missed);
  }

  /** Resolves when all that was noted is on disk: a crash then leaves no text of which nobody learns what became of it. */
  async saved(): Promise<void> {
    await this.#noting;
    await this.#shelf.flush().catch(this.#missed);
  }

  readonly #missed = (error: unknown): void => {
    this.#desk.log.warn({ err: error }, 'a receipt may be missed: it could not be noted');
  };

  /** Resolves when it is on disk, if it is about a text of ours. */
  async take(receipt: Receipt): Promise<void> {
    const ids = idForms(receipt.id);
    const shelved = await Promise.all(ids.map((id) => this.#shelf.get(id)));
    // The answer that names the id may have come meanwhile: from here on nothing is waited for.
    const found = ids.flatMap((id, index) => {
      const expected = this.#recent.get(id) ?? read(shelved[index]);
      return expected === undefined ? [] : [{ id, expected }];
    });
    // One text's id is another's in other digits: whom it went to decides between them.
    const meant =
      found.find(({ expected }) => isAbout(receipt, expected.to)) ??
      found.find(({ id }) => id === receipt.id);
    if (meant !== undefined) return this.#tell(receipt, meant.id, meant.expected);
    if (this.#early.size >= MAX_EARLY) this.#early.clear();
    this.#early.set(receipt.id, { receipt, at: Date.now() });
  }

  async close(): Promise<void> {
    await this.#shelf.flush();
  }

  #takeEarly(id: string, { to }: Expected): Receipt | undefined {
    for (const form of idForms(id)) {
      const early = this.#early.get(form);
      if (early === undefined) continue;
      if (Date.now() - early.at > EARLY_MS) this.#early.delete(form);
      else if (isAbout(early.receipt, to)) {
        this.#early.delete(form);
        return early.receipt;
      }
    }
    return undefined;
  }

  /** One after the other for each text: its parts are counted. */
  #tell(receipt: Receipt, id: string, expected: Expected): Promise<void> {
    return this.#lanes.run(expected.key, () => this.#tellNow(receipt, id, expected));
  }

  async #tellNow(receipt: Receipt, id: string, expected: Expected): Promise<void> {
    const { key, ticket, total } = expected;
    const { state, reason, stat, error } = receipt;
    if (state === 'delivered' && total > 1) {
      const arrived = Number((await this.#shelf.get(`arrived ${key}`)) ?? '0') + 1;
      if (arrived < total) {
        await this.#forget(id);
        await this.#shelf.put(`arrived ${key}`, String(arrived));
        return this.#shelf.flush();
      }
    }
    const detail = `SMPP ${stat}${error === '' || /^0+$/.test(error) ? '' : ` ${error}`}`;
    await this.#desk.reported({
      ticket,
      state,
      ...(state === 'failed' ? { failure: { reason, detail } } : {}),
    });
    // Not before: when it could not be stored, the SMSC tells it again.
    if (state === 'delivered' || state === 'failed') await this.#forget(id);
    if (state === 'delivered' && total > 1) await this.#shelf.delete(`arrived ${key}`);
  }

  /** A repetition of the receipt says nothing new. */
  async #forget(id: string): Promise<void> {
    this.#recent.delete(id);
    await this.#shelf.delete(id);
  }
}

/** Whether it names the recipient of a text, who is the sender of its receipt with most systems; or nobody. */
function isAbout({ addresses }: Receipt, to: string): boolean {
  return addresses.length === 0 || addresses.some((address) => isSameNumber(address, to));
}

function isSameNumber(one: string, other: string): boolean {
  const [short = '', long = ''] = [one, other]
    .map((text) => text.replace(/\D/g, '').replace(/^0+/, ''))
    .toSorted((first, second) => first.length - second.length);
  return short === long || (short.length >= SHORTEST_END && long.endsWith(short));
}

function read(text: string | undefined): Expected | undefined {
  const [, total, ticket, key, to = ''] = /^(\d+) (\S+) ([^\n]*)\n?(.*)$/s.exec(text ?? '') ?? [];
  if (ticket === undefined || key === undefined) return undefined;
  return { key, ticket, total: Number(total), to };
}
