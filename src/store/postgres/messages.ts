import type pg from 'pg';
import { NotWritten } from '../message-database.ts';
import type { Changes, MessageEngine, Query } from '../message-database.ts';
import { ask, isPassing } from './connection.ts';
import type { PostgresConnection } from './connection.ts';

const RETRY_MS = 250;

/** A transaction of which nobody knows whether it was the last thing that the server did for us. */
interface Unsettled {
  readonly id: string;
  readonly pieces: readonly (readonly Query[])[];
  readonly changes: Changes;
}

/** Messages in PostgreSQL. */
export class PostgresMessages implements MessageEngine {
  readonly listed = 'SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(? AS JSON))';
  readonly retryMs = RETRY_MS;
  readonly #writer: PostgresConnection;
  readonly #reader: PostgresConnection;
  #unsettled: Unsettled | undefined;

  constructor(writer: PostgresConnection, reader: PostgresConnection) {
    this.#writer = writer;
    this.#reader = reader;
  }

  get isOpen(): boolean {
    return this.#writer.isOpen;
  }

  async transact(pieces: readonly (readonly Query[])[]): Promise<Changes> {
    let client: pg.Client;
    try {
      client = await this.#writer.client();
      const settled = await this.#settle(client, pieces);
      if (settled !== undefined) return settled;
    } catch (error) {
      throw new NotWritten(error, { isTemporary: true, isInDoubt: this.#isUnsettled(pieces) });
    }
    const { id, changes } = await transaction(client, pieces);
    this.#unsettled = { id, pieces, changes };
    try {
      await ask(client, 'COMMIT', []);
    } catch (error) {
      throw new NotWritten(error, { isTemporary: true, isInDoubt: true });
    }
    this.#unsettled = undefined;
    return changes;
  }

  /** These were given to the server before, which has yet to say what became of them. */
  #isUnsettled(pieces: readonly (readonly Query[])[]): boolean {
    return this.#unsettled !== undefined && isSame(this.#unsettled.pieces, pieces);
  }

  /** The connection was lost before the answer to a commit came: the server knows what became of it. @returns what was written, if it was this */
  async #settle(
    client: pg.Client,
    pieces: readonly (readonly Query[])[],
  ): Promise<Changes | undefined> {
    const before = this.#unsettled;
    if (before === undefined) return undefined;
    const status = await ask<{ readonly status: string | null }>(
      client,
      'SELECT pg_xact_status(CAST(? AS xid8)) AS status',
      [before.id],
    );
    const { status: outcome } = status.rows[0] ?? {};
    if (outcome === 'in progress') throw new Error('the last transaction is not over yet');
    this.#unsettled = undefined;
    return outcome === 'committed' && isSame(before.pieces, pieces) ? before.changes : undefined;
  }

  async read<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.#reader.query<Row & object>(text, values);
    return rows;
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()]);
  }
}

/** Does all but the commit. */
async function transaction(
  client: pg.Client,
  pieces: readonly (readonly Query[])[],
): Promise<Pick<Unsettled, 'id' | 'changes'>> {
  const begun = ask(client, 'BEGIN', []);
  const asked = pieces.map((queries) =>
    Promise.allSettled(queries.map(({ text, values }) => ask(client, text, values))),
  );
  const id = ask<{ readonly id: string }>(
    client,
    'SELECT CAST(pg_current_xact_id() AS TEXT) AS id',
    [],
  );
  const [start, end] = await Promise.allSettled([begun, id]);
  const answers = await Promise.all(asked);
  const changes: number[][] = [];
  for (const [piece, results] of answers.entries()) {
    const counts: number[] = [];
    for (const result of results) {
      if (result.status === 'rejected') await fail(client, result.reason, piece);
      else counts.push(result.value.rowCount ?? 0);
    }
    changes.push(counts);
  }
  if (start.status === 'rejected') return fail(client, start.reason);
  if (end.status === 'rejected') return fail(client, end.reason);
  return { id: end.value.rows[0]?.id ?? '', changes };
}

/** Takes back what was begun. The first that failed is at fault, unless it is the connection. */
async function fail(client: pg.Client, error: unknown, piece?: number): Promise<never> {
  await ask(client, 'ROLLBACK', []).catch(() => undefined);
  const isTemporary = isPassing(error);
  throw new NotWritten(error, {
    isTemporary,
    ...(piece === undefined || isTemporary ? {} : { piece }),
  });
}

function isSame(one: readonly (readonly Query[])[], other: readonly (readonly Query[])[]): boolean {
  return one.length === other.length && JSON.stringify(one) === JSON.stringify(other);
}
