import type { Memory, NetworkErrorKind } from '../../src/plugin/index.ts';
import type { KeptLetter } from './writing/kept-letter.ts';
import { shortId } from './writing/message-ids.ts';

/** A mail that the server has, or may have, and with which not all is done. */
export interface Unfinished {
  /** That of the message. */
  readonly key: string;
  /** The contact that it was written to. */
  readonly to: string;
  readonly since: number;
  readonly asksReceipt: boolean;
  /** The server has taken it; else it may have. */
  readonly isTaken: boolean;
  /** What it is known by on the network, once it is taken. */
  readonly ids: readonly string[];
  /** Who is still to get it: the server could not take it for them when it took it for others. */
  readonly later: readonly string[];
  /** Who does not get it, and why. */
  readonly refused: readonly Refused[];
  /** No copy of it is to be put away, or it was. */
  readonly isFiled: boolean;
}

interface Refused {
  readonly address: string;
  readonly kind: NetworkErrorKind;
  readonly text: string;
}

interface Row {
  state: Unfinished;
  /** The letter, or how many values it takes. */
  letter: KeptLetter | number;
  /** Kept for a while all the same: who is refused is to be told even if the program dies now. */
  doneAt?: number;
}

const INDEX = 'unfinished';
const MAX_MAILS = 100;
const MAX_INDEX_CHARACTERS = 60_000;
/** Short letters stand in the index itself, while it is short. */
const INLINE_CHARACTERS = 2_000;
const FULL_INDEX_CHARACTERS = 30_000;
const PART_CHARACTERS = 60_000;
const MAX_PARTS = 20;
const KEPT_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WRITE_AFTER_MS = 2_000;

/** On disk, as much of them as a memory holds: what one mail still needs survives whatever happens to us. */
export class UnfinishedMails {
  readonly #memory: Memory;
  readonly #lifeMs: number;
  readonly #rows = new Map<string, Row>();
  #loading: Promise<void> | undefined;
  /** The keys of letters that are not wanted any longer. */
  #unnamed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #next: Promise<boolean> | undefined;

  /** @param lifeMs is how long the core asks for what became of a message */
  constructor(memory: Memory, lifeMs = DAY_MS) {
    this.#memory = memory;
    this.#lifeMs = lifeMs;
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** After {@link UnfinishedMails.load}. */
  get all(): readonly Unfinished[] {
    return [...this.#rows.values()].map(({ state }) => state);
  }

  async find(key: string): Promise<Unfinished | undefined> {
    await this.load();
    return this.#rows.get(shortId(key))?.state;
  }

  /** On disk when it resolves. @returns `false` when there is no room for it, or no disk */
  async keep(state: Unfinished, letter: KeptLetter): Promise<boolean> {
    await this.load();
    const id = shortId(state.key);
    const before = this.#rows.get(id);
    this.#sweep();
    if (before === undefined && this.#rows.size >= MAX_MAILS) return false;
    const text = separable(JSON.stringify(letter));
    const isShort = text.length <= INLINE_CHARACTERS && this.#text.length < FULL_INDEX_CHARACTERS;
    const count = Math.ceil(text.length / PART_CHARACTERS);
    if (!isShort && count > MAX_PARTS) return false;
    try {
      if (!isShort) await this.#writeParts(id, text, count);
    } catch {
      return false;
    }
    const done = isDone(state) ? { doneAt: Date.now() } : {};
    this.#rows.set(id, { state, letter: isShort ? letter : count, ...done });
    if (this.#text.length <= MAX_INDEX_CHARACTERS && (await this.#flush())) return true;
    const row = this.#rows.get(id);
    if (row !== undefined) this.#drop(id, row);
    return false;
  }

  /** Something of it has changed. On disk when it resolves, or later when the disk does not take it now. */
  async change(key: string, change: Partial<Unfinished>): Promise<void> {
    const row = this.#rows.get(shortId(key));
    if (row === undefined) return;
    row.state = { ...row.state, ...change };
    if (!isDone(row.state)) return void (await this.#flush());
    if (row.state.refused.length > 0) row.doneAt = Date.now();
    else this.#drop(shortId(key), row);
    // That a copy lies there is seen when it is looked for; who has got the mail is known here alone.
    if (change.later !== undefined) return void (await this.#flush());
    this.#timer ??= setTimeout(() => void this.#flush(), WRITE_AFTER_MS).unref();
  }

  /** It was not taken: nothing of it is known any more. */
  async forget(key: string): Promise<void> {
    await this.load();
    const id = shortId(key);
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#drop(id, row);
    await this.#flush();
  }

  async letter(key: string): Promise<KeptLetter | undefined> {
    const id = shortId(key);
    const letter = this.#rows.get(id)?.letter;
    if (typeof letter !== 'number') return letter;
    const parts: string[] = [];
    for (let part = 0; part < letter; part += 1) {
      parts.push((await this.#memory.get(partKey(id, part))) ?? '');
    }
    const stored: unknown = JSON.parse(parts.join('') || 'null');
    return isLetter(stored) ? stored : undefined;
  }

  flush(): Promise<unknown> {
    return this.#timer === undefined ? Promise.resolve() : this.#flush();
  }

  get #text(): string {
    return JSON.stringify([...this.#rows]);
  }

  async #writeParts(id: string, text: string, count: number): Promise<void> {
    const parts = Array.from({ length: count }, (_, part) =>
      text.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS),
    );
    for (let part = 0; part < count; part += 1) this.#unnamed.delete(partKey(id, part));
    await Promise.all(parts.map((part, index) => this.#memory.set(partKey(id, index), part)));
  }

  /** What was done a while ago is known to all who had to know; whether a mail was taken, nobody asks when its time is over. */
  #sweep(): void {
    const now = Date.now();
    for (const [id, row] of this.#rows) {
      const isDoneLong = (row.doneAt ?? Infinity) <= now - KEPT_MS;
      const isOver = !row.state.isTaken && row.state.since < now - this.#lifeMs - HOUR_MS;
      if (isDoneLong || isOver) this.#drop(id, row);
    }
  }

  /** Its letter goes when nothing on disk names it any more. */
  #drop(id: string, { letter }: Row): void {
    this.#rows.delete(id);
    const count = typeof letter === 'number' ? letter : 0;
    for (let part = 0; part < count; part += 1) this.#unnamed.add(partKey(id, part));
  }

  /** All who ask before it begins share one. @returns whether it is on disk */
  #flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#writing = this.#next;
    return this.#next;
  }

  async #write(): Promise<boolean> {
    this.#sweep();
    const unnamed = this.#unnamed;
    this.#unnamed = new Set();
    try {
      await (this.#rows.size === 0
        ? this.#memory.delete(INDEX)
        : this.#memory.set(INDEX, this.#text));
      for (const key of unnamed) {
        this.#memory.delete(key).catch(() => this.#unnamed.add(key));
      }
      return true;
    } catch {
      for (const key of unnamed) this.#unnamed.add(key);
      return false;
    }
  }

  async #load(): Promise<void> {
    const stored: unknown = JSON.parse((await this.#memory.get(INDEX)) ?? '[]');
    for (const entry of Array.isArray(stored) ? (stored as unknown[]) : []) {
      if (!Array.isArray(entry)) continue;
      const [id, row] = entry as unknown[];
      if (typeof id === 'string' && isRow(row)) this.#rows.set(id, row);
    }
  }
}

const isDone = ({ isFiled, isTaken, later }: Unfinished): boolean =>
  isTaken && isFiled && later.length === 0;

/** JSON that can be cut anywhere: no character is two. */
const separable = (json: string): string =>
  json.replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);

const partKey = (id: string, part: number): string => `${INDEX}:${id}:${part}`;

// What was written here comes through the encryption unchanged.
const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && 'state' in value && 'letter' in value;

const isLetter = (value: unknown): value is KeptLetter =>
  typeof value === 'object' && value !== null && 'messageId' in value;
