import type Database from 'libsql';
import type { Logger } from 'pino';
import { ArchiveReader } from './archive-reader.ts';
import { markOf, numberOf } from './archive-ids.ts';
import { RoomArchive } from './room-archive.ts';

const FLUSH_MS = 100;
const FLUSH_COUNT = 1_000;
const FLUSH_CHARACTERS = 4_000_000;
/** What is kept in memory while the database cannot be written. */
const MAX_WAITING = 20_000;
const MAX_WAITING_CHARACTERS = 50_000_000;
const ROWS_PER_INSERT = 32;
const COLUMNS = 9;
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
  readonly sqlite: Database.Database;
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
 * a hundred times as much. All access is synchronous and short.
 */
export class Archives {
  readonly isOn: boolean;
  readonly #sqlite: Database.Database;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #keepMs: number;
  readonly #reader: ArchiveReader;
  readonly #insertMany: Database.Statement<unknown[]>;
  readonly #insertOne: Database.Statement<unknown[]>;
  readonly #insertArchive: Database.Statement<unknown[]>;
  readonly #raiseLag: Database.Statement<unknown[]>;
  readonly #begin: Database.Statement<unknown[]>;
  readonly #commit: Database.Statement<unknown[]>;
  readonly #pruning: NodeJS.Timeout;
  /** The rows that wait, as what their columns take one after the other: there are up to a thousand. */
  #values: unknown[] = [];
  #characters = 0;
  #newArchives: { readonly id: number; readonly place: ArchivePlace }[] = [];
  readonly #lags = new Map<number, number>();
  #nextArchive: number;
  #flushing: NodeJS.Timeout | undefined;
  /** The last attempt to write failed. */
  #isStuck = false;

  constructor({ sqlite, log, now, isOn, keepDays }: ArchivesOptions) {
    this.isOn = isOn;
    this.#sqlite = sqlite;
    this.#log = log;
    this.#now = now;
    this.#keepMs = keepDays * DAY_MS;
    this.#reader = new ArchiveReader(sqlite);
    const values = (count: number): string =>
      Array<string>(count)
        .fill(`(${Array(COLUMNS).fill('?').join(',')})`)
        .join(',');
    const insert =
      'INSERT OR IGNORE INTO archived (id, archive, at, mark, nick, occupant_id, message_id, network_id, content) VALUES';
    this.#insertMany = sqlite.prepare(`${insert} ${values(ROWS_PER_INSERT)}`);
    this.#insertOne = sqlite.prepare(`${insert} ${values(1)}`);
    this.#insertArchive = sqlite.prepare(
      'INSERT INTO archives (id, gateway, user, room, lag) VALUES (?, ?, ?, ?, 0)',
    );
    this.#raiseLag = sqlite.prepare('UPDATE archives SET lag = max(lag, ?) WHERE id = ?');
    this.#begin = sqlite.prepare('BEGIN IMMEDIATE');
    this.#commit = sqlite.prepare('COMMIT');
    this.#nextArchive = this.#reader.lastArchive() + 1;
    this.#pruning = setInterval(() => this.prune(), PRUNE_MS);
    this.#pruning.unref();
  }

  /** The archive of a user for a room; it comes into being with the first row. `undefined` when none is kept. */
  of(place: ArchivePlace): RoomArchive | undefined {
    if (!this.isOn) return undefined;
    return new RoomArchive(place, this.#reader, {
      flush: () => this.flush(),
      add: (row, archive) => this.#add(row, archive),
      id: () => this.#idOf(place),
    });
  }

  /** The highest number of a row. */
  lastRow(): number {
    return this.#reader.lastRow();
  }

  /** Takes away all that is kept for a user of a gateway. */
  removeUser(gateway: string, user: string): void {
    this.flush();
    // Without a place nobody finds them any more; the rows follow in small slices, after a restart too.
    this.#sqlite
      .prepare(
        "UPDATE archives SET gateway = '', user = '', room = CAST(id AS TEXT) WHERE gateway = ? AND user = ?",
      )
      .run(gateway, user);
    this.prune();
  }

  /** Writes what waits. What cannot be written now is tried again. */
  flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    if (this.#values.length === 0) return;
    try {
      this.#begin.run();
    } catch (error) {
      return this.#postpone(error);
    }
    try {
      this.#writeRows();
      this.#commit.run();
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK');
      return this.#postpone(error);
    }
    this.#values = [];
    this.#characters = 0;
    this.#newArchives = [];
    this.#lags.clear();
    this.#isStuck = false;
  }

  /** Removes a few rows that are too old, or whose archive was taken away; goes on soon if there are more. */
  prune(): void {
    try {
      const before = this.#keepMs === 0 ? 0 : (this.#now() - this.#keepMs) * 1_000;
      const count =
        this.#sqlite
          .prepare(
            'DELETE FROM archived WHERE id IN (SELECT id FROM archived WHERE id < ? ORDER BY id LIMIT ?)',
          )
          .run(before, PRUNE_COUNT).changes + this.#pruneRemoved();
      if (count > 0) setTimeout(() => this.#sqlite.open && this.prune(), FLUSH_MS).unref();
    } catch (error) {
      this.#log.warn({ err: error }, 'old messages could not be removed from the archive');
    }
  }

  close(): void {
    clearInterval(this.#pruning);
    this.flush();
    clearTimeout(this.#flushing);
    if (this.#count > 0) this.#log.error({ count: this.#count }, 'messages could not be archived');
    this.#sqlite.close();
  }

  get #count(): number {
    return this.#values.length / COLUMNS;
  }

  #add(row: ArchiveRow, archive: number): void {
    const { stanzaId, at } = row;
    const number = numberOf(stanzaId);
    if (number === undefined) return;
    this.#noteLag(archive, number, at);
    const { nick, occupantId, messageId, networkId, content } = row;
    this.#values.push(number, archive, at, markOf(stanzaId), nick, occupantId);
    this.#values.push(messageId, networkId, content);
    this.#characters += content.length;
    const isFull = this.#count >= FLUSH_COUNT || this.#characters > FLUSH_CHARACTERS;
    if (isFull && !this.#isStuck) this.flush();
    else this.#flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  #idOf(place: ArchivePlace): number {
    const known = this.#reader.find(place) ?? this.#newArchives.find(isOf(place))?.id;
    if (known !== undefined) return known;
    const id = this.#nextArchive++;
    this.#newArchives.push({ id, place });
    return id;
  }

  #writeRows(): void {
    for (const { id, place } of this.#newArchives) {
      this.#insertArchive.run(id, place.gateway, place.user, place.room);
    }
    const values = this.#values;
    const many = ROWS_PER_INSERT * COLUMNS;
    let first = 0;
    for (; first + many <= values.length; first += many) {
      this.#insertMany.run(values.slice(first, first + many));
    }
    for (; first < values.length; first += COLUMNS) {
      this.#insertOne.run(values.slice(first, first + COLUMNS));
    }
    for (const [archive, lag] of this.#lags) this.#raiseLag.run(lag, archive);
  }

  /** How far the time at which something was said may lie before the one that its number stands for. */
  #noteLag(archive: number, number: number, at: number): void {
    const lag = Math.floor(number / 1_000) - at;
    if (lag > (this.#lags.get(archive) ?? 0)) this.#lags.set(archive, lag);
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
    this.#flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  #pruneRemoved(): number {
    const archive = this.#reader.lastRemoved();
    if (archive === undefined) return 0;
    const { changes } = this.#sqlite
      .prepare(
        'DELETE FROM archived WHERE id IN (SELECT id FROM archived WHERE archive = ? LIMIT ?)',
      )
      .run(archive, PRUNE_COUNT);
    if (changes > 0) return changes;
    return this.#sqlite.prepare('DELETE FROM archives WHERE id = ?').run(archive).changes;
  }
}

function isOf(place: ArchivePlace): (candidate: { readonly place: ArchivePlace }) => boolean {
  const { gateway, user, room } = place;
  return ({ place: other }) =>
    other.room === room && other.user === user && other.gateway === gateway;
}
