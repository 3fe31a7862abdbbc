import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import Database from 'libsql';
import type { Tables } from '../database.ts';
import type { Databases } from '../databases.ts';
import { migrate } from '../migrate.ts';
import { SqliteArchive } from './archive.ts';
import { ImmediateDialect } from './immediate-dialect.ts';
import { SqliteMessages } from './messages.ts';

/** In the data folder. */
export const DATABASE_FILE = 'causeway.sqlite';
/**
 * Pages that change often, as those of an index do, are moved from the log to their place less often: at 16 MB, not at 4. That is a
 * tenth of what rooms with many users cost.
 */
const LONG_LOG = 'wal_autocheckpoint = 4000';

/** Opens the database of a data folder, or makes it. @throws Error in words for the administrator */
export async function openSqlite(data: string): Promise<Databases> {
  const file = join(data, DATABASE_FILE);
  await makeOwn(file);
  const sqlite = connection(file, 'synchronous = FULL', 'busy_timeout = 5000');
  const records = new Kysely<Tables>({ dialect: new ImmediateDialect({ database: sqlite }) });
  try {
    // All or nothing, and one wait for the disk.
    sqlite.exec('BEGIN IMMEDIATE');
    try {
      await migrate(records, file);
    } catch (error) {
      sqlite.exec('ROLLBACK');
      throw error;
    }
    sqlite.exec('COMMIT');
    return {
      name: file,
      records,
      // Messages have a connection of their own: what waits for the disk are all of them together.
      messages: new SqliteMessages(
        connection(file, 'synchronous = FULL', 'busy_timeout = 0', LONG_LOG),
      ),
      // So has the archive, which need not wait for the disk at each commit, and which never waits for the others: all are of this thread.
      archive: new SqliteArchive(
        connection(file, 'synchronous = NORMAL', 'busy_timeout = 0', LONG_LOG),
      ),
      // It answers at once, or the whole process waits with it.
      abandon: () => undefined,
      copied: () => Promise.resolve(),
    };
  } catch (error) {
    await records.destroy();
    throw error;
  }
}

/**
 * Who writes to whom stands there unencrypted: a file that is made is for its owner alone, and so is what SQLite puts beside it,
 * even where others may look into the folder. One that is there already stays as the administrator has it.
 */
async function makeOwn(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  await handle.close();
}

function connection(file: string, ...settings: readonly string[]): Database.Database {
  const sqlite = new Database(file);
  sqlite.exec(['journal_mode = WAL', ...settings].map((setting) => `PRAGMA ${setting}`).join(';'));
  return sqlite;
}
