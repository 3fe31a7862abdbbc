import type pg from 'pg';
import type { Logger } from 'pino';
import { ARCHIVE_COLUMNS } from '../archive-database.ts';
import type { ArchiveBatch, ArchiveDatabase, ArchiveSlot } from '../archive-database.ts';
import type { Query } from '../message-database.ts';
import { ask, isPassing, storable } from './connection.ts';
import type { PostgresConnection } from './connection.ts';

const COLUMNS = ARCHIVE_COLUMNS.length;
/** Where in a row the archive stands. */
const ARCHIVE = ARCHIVE_COLUMNS.indexOf('archive');
/** The types of the columns, in their order. */
const TYPES = ['bigint', 'bigint', 'bigint', 'text', 'text', 'text', 'text', 'text', 'text'];

const INSERT = `INSERT INTO archived (${ARCHIVE_COLUMNS.join(', ')})
  SELECT * FROM unnest(${TYPES.map((type) => `CAST(? AS ${type}[])`).join(', ')})
  ON CONFLICT DO NOTHING`;

/**
 * In these words no other index will do. For an archive that many of all rows are in, the server would else go through those of all,
 * however long it was quiet there.
 */
export const WITHIN = '(archive, id) > (?, ?) AND (archive, id) < (?, ?)';

/** Archives in PostgreSQL. */
export class PostgresArchive implements ArchiveDatabase {
  /** The way there and back is longer than a look at thousands of rows. */
  readonly sliceRows = 20_000;
  readonly within = WITHIN;
  readonly #writer: PostgresConnection;
  readonly #reader: PostgresConnection;

  readonly #log: Logger;

  constructor(writer: PostgresConnection, reader: PostgresConnection, log: Logger) {
    this.#writer = writer;
    this.#reader = reader;
    this.#log = log;
  }

  get isOpen(): boolean {
    return this.#writer.isOpen;
  }

  async write({ values, lags }: ArchiveBatch): Promise<void> {
    const client = await this.#writer.client();
    const columns = await columnsOf(client, values);
    try {
      await insert(client, columns, lags);
    } catch (error) {
      if (isPassing(error)) throw error;
      await this.#writeEach(client, columns, lags);
    }
  }

  /** A row that the database does not take must not keep it from all others. */
  async #writeEach(
    client: pg.Client,
    columns: readonly (readonly unknown[])[],
    lags: ArchiveBatch['lags'],
  ): Promise<void> {
    const [{ length } = []] = columns;
    for (let row = 0; row < length; row += 1) {
      const one = columns.map((column) => [column[row]]);
      try {
        await insert(client, one, NO_LAGS);
      } catch (error) {
        if (isPassing(error)) throw error;
        this.#log.error({ err: error }, 'a message could not be archived');
      }
    }
    await insert(client, NO_ROWS, lags);
  }

  async read<Row>({ text, values }: Query): Promise<Row[]> {
    const { rows } = await this.#reader.query<Row & object>(text, values);
    return rows;
  }

  async run({ text, values }: Query): Promise<number> {
    const { rowCount } = await this.#reader.query(text, values);
    return rowCount ?? 0;
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()]);
  }
}

const NO_ROWS: readonly (readonly unknown[])[] = TYPES.map(() => []);
const NO_LAGS: ArchiveBatch['lags'] = new Map();

async function insert(
  client: pg.Client,
  columns: readonly (readonly unknown[])[],
  lags: ArchiveBatch['lags'],
): Promise<void> {
  await ask(client, 'BEGIN', []);
  try {
    await ask(client, INSERT, columns);
    for (const [{ id }, lag] of lags) {
      if (id === undefined) continue;
      const text = 'UPDATE archives SET lag = greatest(lag, CAST(? AS BIGINT)) WHERE id = ?';
      await ask(client, text, [lag, id]);
    }
    await ask(client, 'COMMIT', []);
  } catch (error) {
    await ask(client, 'ROLLBACK', []).catch(() => undefined);
    throw error;
  }
}

/** One list for each column. */
async function columnsOf(client: pg.Client, values: readonly unknown[]): Promise<unknown[][]> {
  const columns: unknown[][] = TYPES.map(() => []);
  for (let at = 0; at < values.length; at += COLUMNS) {
    for (let column = 0; column < COLUMNS; column += 1) {
      let value = values[at + column];
      if (column === ARCHIVE && typeof value !== 'number') {
        // That is what a batch has there.
        const slot = value as ArchiveSlot;
        value = slot.id ??= await numberOf(client, slot);
      }
      columns[column]?.push(storable(value));
    }
  }
  return columns;
}

async function numberOf(
  client: pg.Client,
  { place: { gateway, user, room } }: ArchiveSlot,
): Promise<number> {
  const place = [gateway, user, room];
  const make = `INSERT INTO archives (gateway, "user", room, lag) VALUES (?, ?, ?, 0)
    ON CONFLICT DO NOTHING`;
  await ask(client, make, place);
  const find = 'SELECT id FROM archives WHERE gateway = ? AND "user" = ? AND room = ?';
  const { rows } = await ask<{ readonly id: number }>(client, find, place);
  const [row] = rows;
  if (row === undefined) throw new Error('an archive that was made is not there');
  return row.id;
}
