import type { Logger } from 'pino';
import { ARCHIVE_COLUMNS } from './archive-database.ts';
import type { ArchiveBatch, ArchiveDatabase, ArchiveSlot } from './archive-database.ts';
import { ArchiveReader } from './archive-reader.ts';
import { markOf, numberOf } from './archive-ids.ts';
import { RoomArchive } from './room-archive.ts';

const FLUSH_MS = 100;
const FLUSH_COUNT = 1_000;
const FLUSH_CHARACTERS = 4_000_000;
/** What is kept in memory while the database cannot be written. */
const MAX_WAITING = 20_000;
const MAX_WAITING_CHARACTERS = 50_000_000;
/** With so many that wait, those who bring more are held up. */
const CONGESTED_COUNT = 4_000;
const COLUMNS = ARCHIVE_COLUMNS.length;
const PRUNE_MS = 30_000;
const PRUNE_COUNT = 500;
const DAY_MS = 86_400_000;

/** Something that was said in a room, on its way to disk. */
export interface ArchiveRow {
  readonly stanzaId: string;
  /** When it was said, in milliseconds since 1970; never later than now. */
  readonly at: number;
  /** Empty when the room itself speaks. */
  readonly nick: string;
  /** XEP-0421; empty when the room itself speaks. */
  readonly occupantId: string;
  /** The `id` attribute of the stanza. */
  readonly messageId: string;
  /** How the network names it; empty when it does not. */
  readonly networkId: string;
  /** The children of the stanza as XML, but for those that the room adds. */
  readonly content: string;
}

/** Whose archive of which room. */
export interface ArchivePlace {
  readonly gateway: string;
  readonly user: string;
  readonly room: string;
}

export interface ArchivesOptions {
  readonly database: ArchiveDatabase;
  readonly log: Logger;
  readonly now: () => number;
  /** Off: nothing new is kept, nothing is shown; what is there grows old. */
  readonly isOn: boolean;
  /** How long messages are kept; 0 for ever. */
  readonly keepDays: number;
}

/**
 * What was said in rooms: one archive for each user and room (XEP-0313), as gateways see rooms with the eyes of their
 * users. Rows are gathered in memory and written together, on a connection of their own: a commit for each would cost
 * a hundred times as much.
 */
export class Archives {
  readonly isOn: boolean;
  readonly #database: ArchiveDatabase;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #keepMs: number;
  readonly #reader: ArchiveReader;
  readonly #pruning: NodeJS.Timeout;
  /** The rows that wait, as what their columns take one after the other: there are up to a thousand. */
  #values: unknown[] = [];
  #characters = 0;
  /** How many of them are of archives without a number. */
  #unnumbered = 0;
  #lags = new Map<ArchiveSlot, number>();
  #flushing: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** The last attempt to write failed. */
  #isStuck = false;

  constructor({ database, log, now, isOn, keepDays }: ArchivesOptions) {
    this.isOn = isOn;
    this.#database = database;
    this.#log = log;
    this.#now = now;
    this.#keepMs = keepDays * DAY_MS;
    this.#reader = new ArchiveReader(database);
    this.#pruning = setInterval(() => void this.prune(), PRUNE_MS);
    this.#pruning.unref();
  }

  /** The archive of a user for a room; it comes into being with the first row. `undefined` when none is kept. */
  of(place: ArchivePlace): RoomArchive | undefined {
    if (!this.isOn) return undefined;
    return new RoomArchive(place, this.#reader, {
      flush: () => this.flush(),
      add: (row, slot) => this.#add(row, slot),
    });
  }

  /** A promise for the time when more can be taken; `undefined` while the database keeps up, or takes nothing at all. */
  get congestion(): Promise<void> | undefined {
    return this.#count > CONGESTED_COUNT && !this.#isStuck ? this.#writing : undefined;
  }

  /** The highest number of a row. */
  lastRow(): Promise<number> {
    return this.#reader.lastRow();
  }

  /** Takes away all that is kept for a user of a gateway. */
  async removeUser(gateway: string, user: string): Promise<void> {
    await this.flush();
    // Without a place nobody finds them any more; the rows follow in small slices, after a restart too.
    await this.#database.run({
      text: `UPDATE archives SET gateway = '', "user" = '', room = CAST(id AS TEXT)
        WHERE gateway = ? AND "user" = ?`,
      values: [gateway, user],
    });
    await this.prune();
  }

  /** Writes what waits. What cannot be written now is tried again. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) {
      // Nobody knows how long a database takes that has failed before.
      if (this.#isStuck) return;
      await this.#writing;
    }
    const writing = this.#write();
    if (writing === undefined) return;
    this.#writing = writing.finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Removes a few rows that are too old, or whose archive was taken away; goes on soon if there are more. */
  async prune(): Promise<void> {
    try {
      const before = this.#keepMs === 0 ? 0 : (this.#now() - this.#keepMs) * 1_000;
      const tooOld = await this.#database.run({
        text: 'DELETE FROM archived WHERE id IN (SELECT id FROM archived WHERE id < ? ORDER BY id LIMIT ?)',
        values: [before, PRUNE_COUNT],
      });
      const count = tooOld + (await this.#pruneRemoved());
      if (count === 0) return;
      setTimeout(() => {
        if (this.#database.isOpen) void this.prune();
      }, FLUSH_MS).unref();
    } catch (error) {
      if (!this.#database.isOpen) return;
      this.#log.warn({ err: error }, 'old messages could not be removed from the archive');
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#pruning);
    await this.flush();
    clearTimeout(this.#flushing);
    if (this.#count > 0) this.#log.error({ count: this.#count }, 'messages could not be archived');
    await this.#database.close();
  }

  get #count(): number {
    return this.#values.length / COLUMNS;
  }

  #add(row: ArchiveRow, slot: ArchiveSlot): void {
    const { stanzaId, at } = row;
    const number = numberOf(stanzaId);
    if (number === undefined) return;
    this.#noteLag(slot, number, at);
    const { nick, occupantId, messageId, networkId, content } = row;
    if (slot.id === undefined) this.#unnumbered += 1;
    this.#values.push(number, slot.id ?? slot, at, markOf(stanzaId), nick, occupantId);
    this.#values.push(messageId, networkId, content);
    this.#characters += content.length;
    const isFull = this.#count >= FLUSH_COUNT || this.#characters > FLUSH_CHARACTERS;
    if (isFull && !this.#isStuck) {
      if (this.#writing === undefined) void this.flush();
    } else this.#flushLater();
  }

  #flushLater(): void {
    this.#flushing ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Never fails. What was written is over at once where the database is one that answers at once. */
  #write(): Promise<void> | undefined {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    if (this.#values.length === 0 || !this.#database.isOpen) return undefined;
    const batch = { values: this.#values, lags: this.#lags, isNumbered: this.#unnumbered === 0 };
    try {
      const writing = this.#database.write(batch);
      if (writing !== undefined) return this.#await(writing, batch);
      this.#begin();
      this.#isStuck = false;
    } catch (error) {
      this.#postpone(error);
    }
    return undefined;
  }

  /** Nothing waits. */
  #begin(): void {
    this.#values = [];
    this.#lags = new Map();
    this.#characters = 0;
    this.#unnumbered = 0;
  }

  /** What comes while a batch is being written follows it, and one that failed comes first again. */
  async #await(writing: Promise<void>, { values, lags }: ArchiveBatch): Promise<void> {
    const characters = this.#characters;
    const unnumbered = this.#unnumbered;
    this.#begin();
    try {
      await writing;
      this.#isStuck = false;
      if (this.#count > 0) this.#flushLater();
    } catch (error) {
      this.#values = [...values, ...this.#values];
      this.#characters += characters;
      this.#unnumbered += unnumbered;
      for (const [slot, lag] of lags) this.#raiseLag(slot, lag);
      this.#postpone(error);
    }
  }

  /** How far the time at which something was said may lie before the one that its number stands for. */
  #noteLag(slot: ArchiveSlot, number: number, at: number): void {
    const lag = Math.floor(number / 1_000) - at;
    if (lag > 0) this.#raiseLag(slot, lag);
  }

  #raiseLag(slot: ArchiveSlot, lag: number): void {
    if (lag > (this.#lags.get(slot) ?? 0)) this.#lags.set(slot, lag);
  }

  #postpone(error: unknown): void {
    if (!this.#isStuck) this.#log.warn({ err: error }, 'the archive could not be written');
    this.#isStuck = true;
    if (this.#count > MAX_WAITING || this.#characters > MAX_WAITING_CHARACTERS) {
      const lost = this.#values.splice(0, Math.ceil(this.#count / 2) * COLUMNS);
      for (let at = COLUMNS - 1; at < lost.length; at += COLUMNS) {
        this.#characters -= String(lost[at]).length;
      }
      this.#log.error({ count: lost.length / COLUMNS }, 'messages could not be archived');
    }
    this.#flushLater();
  }

  async #pruneRemoved(): Promise<number> {
    const archive = await this.#reader.lastRemoved();
    if (archive === undefined) return 0;
    const changes = await this.#database.run({
      text: `DELETE FROM archived WHERE id IN (SELECT id FROM archived
        WHERE ${this.#database.within} ORDER BY archive, id LIMIT ?)`,
      values: [archive, 0, archive, Number.MAX_SAFE_INTEGER, PRUNE_COUNT],
    });
    if (changes > 0) return changes;
    return this.#database.run({ text: 'DELETE FROM archives WHERE id = ?', values: [archive] });
  }
}
