import { hkdfSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, Migrator } from 'kysely';
import Database from 'libsql';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { AccountKeys } from './account-keys.ts';
import { ArchiveIds } from './archive-ids.ts';
import { Archives } from './archive.ts';
import { CredentialBox, WrongKeyError } from './credential-box.ts';
import { ContactStore } from './contacts.ts';
import type { Tables } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { ImmediateDialect } from './immediate-dialect.ts';
import { InboxStore } from './inbox.ts';
import { loadKey } from './key-file.ts';
import { MediaStore } from './media.ts';
import { Memories } from './memory.ts';
import { MIGRATIONS } from './migrations.ts';
import { OutboxStore } from './outbox.ts';
import { Registrations } from './registrations.ts';
import { SettingsStore } from './settings.ts';
import { Statements } from './statements.ts';
import { Subscriptions } from './subscriptions.ts';

/** In the data folder. */
export const DATABASE_FILE = 'causeway.sqlite';
/** The name, in `meta`, of the value that tells a wrong key. */
export const KEY_CHECK = 'key-check';
/**
 * Pages that change often, as those of an index do, are moved from the log to their place less often: at 16 MB, not at 4. That is a
 * tenth of what rooms with many users cost.
 */
const LONG_LOG = 'PRAGMA wal_autocheckpoint = 4000';

/** Everything that is kept on disk. */
export interface Store {
  readonly registrations: Registrations;
  readonly subscriptions: Subscriptions;
  readonly memory: Memories;
  readonly contacts: ContactStore;
  readonly settings: SettingsStore;
  readonly accountKeys: AccountKeys;
  readonly media: MediaStore;
  /** Messages on their way, where they must not get lost. */
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  /** What was said in rooms. */
  readonly archives: Archives;
  readonly stanzaIds: ArchiveIds;
  /** Whether it can be read and written. */
  isHealthy(): boolean;
  /** A key that is derived from that of the store, another one for each purpose. */
  derivedKey(purpose: string): Buffer;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The folder of the database and the key file; made when it is not there. */
  readonly data: string;
  readonly env: NodeJS.ProcessEnv;
  readonly archive?: { readonly rooms: boolean; readonly keepDays: number };
  readonly log?: Logger;
}

const DEFAULT_ARCHIVE = { rooms: true, keepDays: 30 };

/**
 * Opens the database, brings it up to date, and makes sure that the key is the right one.
 * @throws Error in words for the administrator
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { data, env } = options;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const key = await loadKey(data, env);
  const file = join(data, DATABASE_FILE);
  const sqlite = new Database(file);
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
  const db = new Kysely<Tables>({ dialect: new ImmediateDialect({ database: sqlite }) });
  try {
    await migrate(db, sqlite, file);
    const box = new CredentialBox(key);
    await checkKey(db, box, file);
    const { archives, stanzaIds } = openArchives(file, options);
    const delivery = openDelivery(file, box, options);
    return {
      registrations: new Registrations(db, box),
      subscriptions: new Subscriptions(db),
      memory: delivery.memory,
      contacts: new ContactStore(db),
      settings: new SettingsStore(db),
      accountKeys: new AccountKeys(db),
      media: new MediaStore(db, box),
      outbox: delivery.outbox,
      inbox: delivery.inbox,
      archives,
      stanzaIds,
      isHealthy: () => delivery.outbox.commit.isHealthy,
      derivedKey: (purpose) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)),
      close: () => {
        archives.close();
        delivery.close();
        return db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * The archive has a connection of its own, which need not wait for the disk at each commit, and which never waits for the
 * other one: both are of this thread.
 */
function openArchives(
  file: string,
  { archive = DEFAULT_ARCHIVE, log = pino({ level: 'silent' }) }: StoreOptions,
): Pick<Store, 'archives' | 'stanzaIds'> {
  const sqlite = new Database(file);
  sqlite.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 0; ${LONG_LOG}`,
  );
  const { rooms: isOn, keepDays } = archive;
  const archives = new Archives({ sqlite, log, now: Date.now, isOn, keepDays });
  return { archives, stanzaIds: new ArchiveIds(archives.lastRow(), Date.now) };
}

/** Messages have a connection of their own, too: what waits for the disk are all of them together. */
function openDelivery(
  file: string,
  box: CredentialBox,
  { log = pino({ level: 'silent' }) }: StoreOptions,
): Pick<Store, 'outbox' | 'inbox' | 'memory'> & { readonly close: () => void } {
  const sqlite = new Database(file);
  sqlite.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0; ${LONG_LOG}`,
  );
  const commit = new GroupCommit(sqlite, log);
  const statements = new Statements(sqlite);
  return {
    outbox: new OutboxStore(statements, box, commit),
    inbox: new InboxStore(statements, box, commit),
    memory: new Memories(statements, box, commit),
    close: () => {
      commit.close();
      sqlite.close();
    },
  };
}

/** All or nothing, and one wait for the disk. */
async function migrate(db: Kysely<Tables>, sqlite: Database.Database, file: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    // The order of a language takes 3 MB of tables.
    nameComparator: (one, other) => Number(one > other) - Number(one < other),
  });
  sqlite.exec('BEGIN IMMEDIATE');
  const { error } = await migrator.migrateToLatest();
  sqlite.exec(error === undefined ? 'COMMIT' : 'ROLLBACK');
  if (error === undefined) return;
  const reason = error instanceof Error ? error.message : 'unknown';
  throw new Error(
    reason.includes('corrupted migrations')
      ? `the database ${file} was made by a newer version of Causeway`
      : `the database ${file} cannot be brought up to date: ${reason}`,
    { cause: error },
  );
}

/** A value of our own, encrypted, tells a wrong key before anything is read with it or, worse, written. */
async function checkKey(db: Kysely<Tables>, box: CredentialBox, file: string): Promise<void> {
  const row = await db
    .selectFrom('meta')
    .select('value')
    .where('name', '=', KEY_CHECK)
    .executeTakeFirst();
  if (row === undefined) {
    const value = box.seal(KEY_CHECK, KEY_CHECK);
    await db.insertInto('meta').values({ name: KEY_CHECK, value }).execute();
    return;
  }
  try {
    box.open(row.value, KEY_CHECK);
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    throw new Error(wrongKeyText(file), { cause: error });
  }
}

export const wrongKeyText = (file: string): string =>
  `the key is not the one that the credentials in ${file} are encrypted with: bring back the old key file, or CAUSEWAY_KEY`;
