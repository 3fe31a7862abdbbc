import pg from 'pg';
import { SPECIMEN_SQL, unreadable } from '../specimen.ts';
import type { Specimen, ValueRow } from '../specimen.ts';
import { ask, clientConfig } from './connection.ts';
import { databaseName } from './name.ts';
import { LOCK, reasonOf } from './open.ts';

/** To look whether a gateway has it is not to take it, which could keep one from starting. */
const HELD = `SELECT EXISTS (
  SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((CAST(CAST(classid AS BIGINT) AS BIT(64)) << 32) | CAST(CAST(objid AS BIGINT) AS BIT(64)))
      = CAST(${LOCK} AS BIT(64))
) AS held`;

/** A database of PostgreSQL; `undefined` when no gateway has ever used it. @throws Error in words for the administrator */
export async function examinePostgres(url: string): Promise<Specimen | undefined> {
  const name = databaseName(url);
  const all = async <Row extends object>(
    text: string,
    values: readonly string[] = [],
  ): Promise<Row[]> => {
    const client = new pg.Client(clientConfig(url, 'causeway doctor'));
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await ask<Row>(client, text, values)).rows;
    } catch (error) {
      throw unreadable(name, new Error(reasonOf(error), { cause: error }));
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const value = async (text: string, values: readonly string[]): Promise<Uint8Array | undefined> =>
    (await all<ValueRow>(text, values))[0]?.value;
  const [made] = await all<{ readonly there: boolean }>(
    "SELECT to_regclass('kysely_migration') IS NOT NULL AS there",
  );
  if (made?.there !== true) return undefined;
  const [lock] = await all<{ readonly held: boolean }>(HELD);
  return {
    name,
    isInUse: lock?.held === true,
    migrations: async () => {
      const rows = await all<{ readonly name: string }>(SPECIMEN_SQL.migrations);
      return rows.map((row) => row.name);
    },
    meta: (key) => value(SPECIMEN_SQL.meta, [key]),
    memory: (gateway, key) => value(SPECIMEN_SQL.memory, [gateway, key]),
  };
}
