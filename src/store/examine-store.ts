import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { Memory } from '../plugin/index.ts';
import { CredentialBox, WrongKeyError } from './credential-box.ts';
import { DATABASE_FILE, KEY_CHECK, wrongKeyText } from './store.ts';
import { readKey } from './key-file.ts';
import { MIGRATIONS } from './migrations.ts';
import { memoryPlace } from './memory.ts';

/** What lies in the data folder. */
export interface StoreState {
  /** There was a start before. */
  readonly isThere: boolean;
  /** Another process has the database open: a gateway serves with it. */
  readonly isInUse: boolean;
  /** What a gateway keeps for itself; nothing of it can be changed. */
  readonly memoryOf: (gateway: string) => Memory;
}

interface Row {
  readonly value: Uint8Array;
}

/**
 * Looks at the database and the key, without making or changing either: also while a gateway serves with them.
 * @throws Error in words for the administrator
 */
export async function examineStore(data: string, env: NodeJS.ProcessEnv): Promise<StoreState> {
  const file = join(data, DATABASE_FILE);
  const key = await readKey(data, env);
  if (!existsSync(file)) return { isThere: false, isInUse: false, memoryOf: () => EMPTY };
  const isInUse = isOpenElsewhere(file);
  if (key === undefined) {
    throw new Error(
      `the key file ${join(data, 'key')} is missing, and nothing in ${file} can be read without it: bring it back, or set CAUSEWAY_KEY`,
    );
  }
  const box = new CredentialBox(key);
  reading(file, (sqlite) => {
    checkVersion(sqlite, file);
    checkKey(sqlite, box, file);
  });
  return {
    isThere: true,
    isInUse,
    memoryOf: (gateway) => ({
      ...EMPTY,
      get: async (name) =>
        reading(file, (sqlite) => {
          const row = sqlite
            .prepare("SELECT value FROM memories WHERE gateway = ? AND user = '' AND key = ?")
            .get(gateway, name) as Row | undefined;
          return row === undefined
            ? undefined
            : box.open(row.value, memoryPlace(gateway, '', name));
        }),
    }),
  };
}

/** Nothing is kept, and nothing can be. */
const EMPTY: Memory = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

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
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) {
      return true;
    }
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
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')) {
      throw unreadable(file, error);
    }
    throw error;
  } finally {
    sqlite.close();
  }
}

function unreadable(file: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`the database ${file} cannot be read: ${reason}`, { cause });
}

/** An older one is brought up to date by the next start. */
function checkVersion(sqlite: Database.Database, file: string): void {
  const rows = sqlite.prepare('SELECT name FROM kysely_migration').all() as { name: string }[];
  if (rows.every(({ name }) => Object.hasOwn(MIGRATIONS, name))) return;
  throw new Error(`the database ${file} was made by a newer version of Causeway`);
}

function checkKey(sqlite: Database.Database, box: CredentialBox, file: string): void {
  const row = sqlite.prepare('SELECT value FROM meta WHERE name = ?').get(KEY_CHECK) as
    Row | undefined;
  if (row === undefined) return;
  try {
    box.open(row.value, KEY_CHECK);
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    throw new Error(wrongKeyText(file), { cause: error });
  }
}
