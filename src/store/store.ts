import { hkdfSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { AccountKeys } from './account-keys.ts';
import { ArchiveIds } from './archive-ids.ts';
import { Archives } from './archive.ts';
import { CredentialBox, WrongKeyError } from './credential-box.ts';
import { ContactStore } from './contacts.ts';
import type { Databases } from './databases.ts';
import type { Tables } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { inTime } from '../in-time.ts';
import { InboxStore } from './inbox.ts';
import { loadKey } from './key-file.ts';
import { MediaStore } from './media.ts';
import { Memories } from './memory.ts';
import { OutboxStore } from './outbox.ts';
import { Registrations } from './registrations.ts';
import { SettingsStore } from './settings.ts';
import { openSqlite } from './sqlite/open.ts';
import { Subscriptions } from './subscriptions.ts';

/** The name, in `meta`, of the value that tells a wrong key. */
export const KEY_CHECK = 'key-check';

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
  /** Resolves when all that was given to it is on disk, or refused for good: a database that does not answer is given up soon. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The folder of the key file and, if it is of SQLite, the database; made when it is not there. */
  readonly data: string;
  /** `sqlite`, or the address of a database of PostgreSQL. */
  readonly database?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly archive?: { readonly rooms: boolean; readonly keepDays: number };
  readonly log?: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Less than a service has to stop. */
const SETTLE_MS = 2_000;

const DEFAULT_ARCHIVE = { rooms: true, keepDays: 30 };

/**
 * Opens the database, brings it up to date, and makes sure that the key is the right one.
 * @throws Error in words for the administrator
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { data, database = 'sqlite', env, archive = DEFAULT_ARCHIVE, now = Date.now } = options;
  const log = options.log ?? pino({ level: 'silent' });
  await mkdir(data, { recursive: true, mode: 0o700 });
  const key = await loadKey(data, env);
  const databases = await openDatabases(data, database, log);
  const { records } = databases;
  const messages = new GroupCommit(databases.messages, log);
  const archives = new Archives({
    database: databases.archive,
    log,
    now,
    isOn: archive.rooms,
    keepDays: archive.keepDays,
  });
  const settle = async (): Promise<void> => {
    // Behind all that waits.
    const settled = Promise.all([messages.write([]), archives.flush()]);
    try {
      await inTime(settled, SETTLE_MS, () => new Error('no answer in time'));
    } catch (error) {
      log.error({ err: error }, 'the database does not answer: what it was yet to keep is refused');
      databases.abandon();
      await settled.catch(() => undefined);
    }
  };
  const close = async (): Promise<void> => {
    await messages.close();
    await archives.close();
    await records.destroy();
  };
  try {
    const box = new CredentialBox(key);
    await checkKey(records, box, databases.name);
    return {
      registrations: new Registrations(records, box),
      subscriptions: new Subscriptions(records),
      memory: new Memories(messages, box),
      contacts: new ContactStore(records),
      settings: new SettingsStore(records),
      accountKeys: new AccountKeys(records),
      media: new MediaStore(records, box),
      outbox: await OutboxStore.open(messages, box),
      inbox: await InboxStore.open(messages, box),
      archives,
      stanzaIds: new ArchiveIds(await archives.lastRow(), now),
      isHealthy: () => messages.isHealthy,
      derivedKey: (purpose) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32)),
      settle,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What PostgreSQL needs is loaded with it alone. */
export async function openDatabases(
  data: string,
  database: string,
  log: Logger,
): Promise<Databases> {
  if (database === 'sqlite') return openSqlite(data);
  const { openPostgres } = await import('./postgres/open.ts');
  return openPostgres(database, log);
}

/** Nothing of them is used any more. */
export async function closeDatabases({ archive, messages, records }: Databases): Promise<void> {
  await archive.close();
  await messages.close();
  await records.destroy();
}

/** A value of our own, encrypted, tells a wrong key before anything is read with it or, worse, written. */
async function checkKey(db: Kysely<Tables>, box: CredentialBox, name: string): Promise<void> {
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
    throw new Error(wrongKeyText(name), { cause: error });
  }
}

export const wrongKeyText = (name: string): string =>
  `the key is not the one that the credentials in ${name} are encrypted with: bring back the old key file, or CAUSEWAY_KEY`;
