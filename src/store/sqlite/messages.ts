import type Database from 'libsql';
import { NotWritten } from '../message-database.ts';
import type { Changes, MessageEngine, Query } from '../message-database.ts';

/** Another connection is writing; it is never for long. */
const RETRY_MS = 20;

/** Messages in SQLite. All access is synchronous and short. */
export class SqliteMessages implements MessageEngine {
  readonly listed = 'SELECT value FROM json_each(?)';
  readonly retryMs = RETRY_MS;
  readonly #sqlite: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(sqlite: Database.Database) {
    this.#sqlite = sqlite;
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
        changes.push(queries.map(({ text, values }) => this.#of(text).run([...values]).changes));
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
    return this.#of(text).all([...values]) as Row[];
  }

  close(): void {
    this.#sqlite.close();
  }

  /** Each statement is prepared once. */
  #of(text: string): Database.Statement<unknown[]> {
    const known = this.#prepared.get(text) ?? this.#sqlite.prepare(text);
    this.#prepared.set(text, known);
    return known;
  }
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    /SQLITE_BUSY|database is locked/.test(`${error.message} ${codeOf(error)}`)
  );
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
