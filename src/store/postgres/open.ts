import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Tables } from '../database.ts';
import type { Databases } from '../databases.ts';
import { migrate } from '../migrate.ts';
import { PostgresArchive } from './archive.ts';
import { clientConfig, PostgresConnection, readerConfig } from './connection.ts';
import { PostgresMessages } from './messages.ts';
import { databaseName } from './name.ts';
import { RecordsPool } from './records-pool.ts';

/** A database is for one gateway: whoever serves with it holds this lock. */
export const LOCK = "hashtextextended('causeway ' || current_schema(), 0)";

/** How the server notices within a minute that the other side has gone without a word, whether or not it was about to answer. */
const VANISHED = [
  'tcp_keepalives_idle = 20',
  'tcp_keepalives_interval = 10',
  'tcp_keepalives_count = 4',
  'tcp_user_timeout = 60000',
];

/** Archives differ too much for one plan that does for all, and pages are too small to be shared out among processes. */
const FOR_PAGES = ['plan_cache_mode = force_custom_plan', 'max_parallel_workers_per_gather = 0'];

/** Opens a database, and makes the tables that are not there. @throws Error in words for the administrator */
export async function openPostgres(url: string, log: Logger): Promise<Databases> {
  const name = databaseName(url);
  // What it is called there tells it from every other gateway, and from itself after a restart.
  const instance = `causeway ${randomUUID().slice(0, 8)}`;
  const writer = new PostgresConnection(clientConfig(url, `${instance} messages`), (client) =>
    takeLock(client, name, `${instance} messages`),
  );
  // It waits for the disk: a number that a crash takes back could be given to the archive of somebody else.
  const archiver = new PostgresConnection(clientConfig(url, `${instance} archive`));
  // A page of an archive that takes its time holds up other pages, not those who look for a message.
  const finder = new PostgresConnection(readerConfig(url, `${instance} finder`));
  const pager = new PostgresConnection(readerConfig(url, `${instance} pager`), async (client) => {
    for (const setting of FOR_PAGES) await client.query(`SET ${setting}`);
  });
  const pool = new RecordsPool(clientConfig(url, `${instance} records`), log);
  const records = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await reached(writer, name);
    await migrate(records, name, await schemaOf(records));
  } catch (error) {
    await Promise.all([writer.close(), records.destroy()]);
    throw error;
  }
  return {
    name,
    records,
    messages: new PostgresMessages(writer, finder),
    archive: new PostgresArchive(archiver, pager, log),
    abandon: () => {
      for (const each of [writer, archiver, finder, pager, pool]) each.abandon();
    },
    copied: async (db) => {
      await sql`SELECT setval(pg_get_serial_sequence('archives', 'id'), coalesce(max(id), 0) + 1, false) FROM archives`.execute(
        db,
      );
    },
  };
}

/** Where tables are made; the search path of the database, or of the address, says so. */
async function schemaOf(records: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`SELECT current_schema() AS schema`.execute(
    records,
  );
  return rows[0]?.schema ?? 'public';
}

async function reached(connection: PostgresConnection, name: string): Promise<void> {
  try {
    await connection.client();
  } catch (error) {
    if (error instanceof DatabaseInUse) throw error;
    const reason = reasonOf(error);
    throw new Error(`the database ${name} cannot be used: ${reason}`, { cause: error });
  }
}

/** Node tells of several addresses that were tried in an error without words. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** Another gateway serves with it. */
export class DatabaseInUse extends Error {
  constructor(name: string) {
    super(`another Causeway is running on the database ${name}`);
    this.name = 'DatabaseInUse';
  }
}

/** A connection of ours that was lost may live on with the server, which has not noticed: it must not stand in our own way. */
async function takeLock(client: pg.Client, name: string, application: string): Promise<void> {
  const { rows: places } = await client.query<{ schema: string | null; encoding: string }>(
    "SELECT current_schema() AS schema, current_setting('server_encoding') AS encoding",
  );
  const [place] = places;
  if (place?.schema === null) throw new Error('the schema that its search path names is not there');
  if (place?.encoding !== 'UTF8') throw new Error(`it is in ${place?.encoding}, and not in UTF8`);
  // Nor must one of a machine that has gone without a word, for longer than a minute.
  for (const setting of VANISHED) await client.query(`SET ${setting}`);
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
    [application],
  );
  const { rows } = await client.query<{ readonly taken: boolean }>(
    `SELECT pg_try_advisory_lock(${LOCK}) AS taken`,
  );
  if (rows[0]?.taken !== true) throw new DatabaseInUse(name);
}
