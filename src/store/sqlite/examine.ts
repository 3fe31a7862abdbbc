import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { SPECIMEN_SQL, unreadable } from '../specimen.ts';
import type { Specimen, ValueRow } from '../specimen.ts';
import { DATABASE_FILE } from './open.ts';

/** The database of a data folder; `undefined` when there is none. @throws Error in words for the administrator */
export function examineSqlite(data: string): Specimen | undefined {
  const file = join(data, DATABASE_FILE);
  if (!existsSync(file)) return undefined;
  const all = async <Row>(text: string, values: readonly string[]): Promise<Row[]> =>
    reading(file, (sqlite) => sqlite.prepare(text).all(...values) as Row[]);
  const value = async (text: string, values: readonly string[]): Promise<Uint8Array | undefined> =>
    (await all<ValueRow>(text, values))[0]?.value;
  return {
    name: file,
    isInUse: isOpenElsewhere(file),
    migrations: async () => {
      const rows = await all<{ readonly name: string }>(SPECIMEN_SQL.migrations, []);
      return rows.map(({ name }) => name);
    },
    meta: (name) => value(SPECIMEN_SQL.meta, [name]),
    memory: (gateway, key) => value(SPECIMEN_SQL.memory, [gateway, key]),
  };
}

/**
 * SQLite grants a database in WAL mode to one process alone only when no other has it open, and the system takes the lock
 * away from a process that has died. Whoever has it open notices nothing of this.
 */
function isOpenElsewhere(file: string): boolean {
  const sqlite = new Database(file);
  try {
    sqlite.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE');
    sqlite.exec('BEGIN IMMEDIATE; ROLLBACK');
    return false;
  } catch (error) {
    if (isOfSqlite(error, 'SQLITE_BUSY')) return true;
    throw unreadable(file, error);
  } finally {
    sqlite.close();
  }
}

function reading<Result>(file: string, read: (sqlite: Database.Database) => Result): Result {
  const sqlite = new Database(file, { readonly: true });
  try {
    return read(sqlite);
  } catch (error) {
    throw isOfSqlite(error, 'SQLITE_') ? unreadable(file, error) : error;
  } finally {
    sqlite.close();
  }
}

function isOfSqlite(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith(code);
}
