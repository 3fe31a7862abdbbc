import { setImmediate as breath } from 'node:timers/promises';
import type Database from 'libsql';
import { ARCHIVE_COLUMNS } from '../archive-database.ts';
import type { ArchiveBatch, ArchiveDatabase, ArchiveSlot } from '../archive-database.ts';
import type { Query } from '../message-database.ts';
import { isBusy } from './busy.ts';
import { Statements } from './statements.ts';

const ROWS_PER_INSERT = 32;
/** Another connection of ours that is writing is done after a few. */
const MOST_TURNS = 100;
const COLUMNS = ARCHIVE_COLUMNS.length;
/** Where in a row the archive stands. */
const ARCHIVE = ARCHIVE_COLUMNS.indexOf('archive');

export const WITHIN = 'archive = ? AND id > ? AND archive = ? AND id < ?';

/**
 * Archives in SQLite. All access is synchronous and short. Nothing is written but in a transaction: what another connection is
 * in the way of fails at its beginning. A statement that failed for it would stay as it stood, as libsql does not reset it, and
 * what was written after it would keep the lock.
 */
export class SqliteArchive implements ArchiveDatabase {
  /** Everybody waits meanwhile. */
  readonly sliceRows = 2_000;
  readonly within = WITHIN;
  readonly #sqlite: Database.Database;
  readonly #insertMany: Database.Statement<unknown[]>;
  readonly #insertOne: Database.Statement<unknown[]>;
  readonly #find: Database.Statement<unknown[]>;
  readonly #insertArchive: Database.Statement<unknown[]>;
  readonly #raiseLag: Database.Statement<unknown[]>;
  readonly #statements: Statements;
  /** A number that was given is not given again, so that nobody's rows get into the archive of another. */
  #nextArchive: number;

  constructor(sqlite: Database.Database) {
    this.#sqlite = sqlite;
    this.#statements = new Statements(sqlite);
    const rows = (count: number): string =>
      Array<string>(count)
        .fill(`(${Array(COLUMNS).fill('?').join(',')})`)
        .join(',');
    const insert = `INSERT OR IGNORE INTO archived (${ARCHIVE_COLUMNS.join(', ')}) VALUES`;
    this.#insertMany = sqlite.prepare(`${insert} ${rows(ROWS_PER_INSERT)}`);
    this.#insertOne = sqlite.prepare(`${insert} ${rows(1)}`);
    this.#find = sqlite.prepare(
      'SELECT id FROM archives WHERE gateway = ? AND user = ? AND room = ?',
    );
    this.#insertArchive = sqlite.prepare(
      'INSERT INTO archives (id, gateway, user, room, lag) VALUES (?, ?, ?, ?, 0)',
    );
    this.#raiseLag = sqlite.prepare('UPDATE archives SET lag = max(lag, ?) WHERE id = ?');
    const last = sqlite.prepare('SELECT max(id) AS id FROM archives').get();
    this.#nextArchive = ((last as { readonly id: number | null }).id ?? 0) + 1;
  }

  get isOpen(): boolean {
    return this.#sqlite.open;
  }

  write({ values, lags, isNumbered }: ArchiveBatch): void {
    const rows = isNumbered ? values : this.#withNumbers(values);
    this.#transact(() => {
      this.#insert(rows);
      for (const [{ id }, lag] of lags) if (id !== undefined) this.#raiseLag.run(lag, id);
    });
  }

  async read<Row>(query: Query): Promise<Row[]> {
    return this.#statements.all<Row>(query);
  }

  async run(query: Query): Promise<number> {
    for (let turn = 1; ; turn++) {
      try {
        return this.#transact(() => this.#statements.run(query));
      } catch (error) {
        if (!isBusy(error) || turn === MOST_TURNS) throw error;
        await breath();
      }
    }
  }

  close(): void {
    this.#sqlite.close();
  }

  #transact<Result>(work: () => Result): Result {
    this.#sqlite.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  #withNumbers(values: readonly unknown[]): unknown[] {
    const rows = [...values];
    for (let at = ARCHIVE; at < rows.length; at += COLUMNS) {
      if (typeof rows[at] === 'number') continue;
      // That is what a batch has there.
      const slot = rows[at] as ArchiveSlot;
      rows[at] = slot.id ??= this.#numberOf(slot);
    }
    return rows;
  }

  #numberOf({ place: { gateway, user, room } }: ArchiveSlot): number {
    const known = this.#find.get(gateway, user, room) as { readonly id: number } | undefined;
    if (known !== undefined) return known.id;
    const id = this.#nextArchive++;
    this.#transact(() => this.#insertArchive.run(id, gateway, user, room));
    return id;
  }

  #insert(values: readonly unknown[]): void {
    const many = ROWS_PER_INSERT * COLUMNS;
    let first = 0;
    for (; first + many <= values.length; first += many) {
      this.#insertMany.run(values.slice(first, first + many));
    }
    for (; first < values.length; first += COLUMNS) {
      this.#insertOne.run(values.slice(first, first + COLUMNS));
    }
  }
}
