import type Database from 'libsql';
import { NotWritten } from '../message-database.ts';
import type { Changes, MessageEngine, Query } from '../message-database.ts';
import { isBusy } from './busy.ts';
import { Statements } from './statements.ts';

/** Another connection is writing; it is never for long. */
const RETRY_MS = 20;

/** Messages in SQLite. All access is synchronous and short. */
export class SqliteMessages implements MessageEngine {
  readonly listed = 'SELECT value FROM json_each(?)';
  readonly retryMs = RETRY_MS;
  readonly #sqlite: Database.Database;
  readonly #statements: Statements;

  constructor(sqlite: Database.Database) {
    this.#sqlite = sqlite;
    this.#statements = new Statements(sqlite);
  }

  get isOpen(): boolean {
    return this.#sqlite.open;
  }

  transact(pieces: readonly (readonly Query[])[]): Changes {
    let piece: number | undefined;
    try {
      this.#sqlite.exec('BEGIN IMMEDIATE');
      const changes: number[][] = [];
      for (const [index, queries] of pieces.entries()) {
        piece = index;
        changes.push(queries.map((query) => this.#statements.run(query)));
      }
      piece = undefined;
      this.#sqlite.exec('COMMIT');
      return changes;
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK');
      const isTemporary = isBusy(error);
      throw new NotWritten(error, { isTemporary, ...(piece === undefined ? {} : { piece }) });
    }
  }

  async read<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.#statements.all<Row>({ text, values });
  }

  close(): void {
    this.#sqlite.close();
  }
}
