import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';
import type { Databases } from './databases.ts';

/** All tables that something is kept in, and what their rows are told apart by. What the key is known by is made anew. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  registrations: ['gateway', 'user'],
  subscriptions: ['gateway', 'user', 'address'],
  memories: ['gateway', 'user', 'key'],
  contacts: ['gateway', 'user', 'contact'],
  avatars: ['gateway', 'user', 'contact'],
  settings: ['gateway', 'user', 'name'],
  account_keys: ['gateway', 'key'],
  media: ['id'],
  outbox: ['id'],
  outbox_names: ['gateway', 'user', 'chat', 'name'],
  inbox: ['id'],
  archives: ['id'],
  archived: ['id'],
};
const AT_ONCE = 500;

type Row = Readonly<Record<string, unknown>>;

/** Copies everything into a database in which there is nothing, all or none. @returns how many rows each table has @throws Error in words for the administrator */
export async function copyDatabase(
  from: Databases,
  to: Databases,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  await to.records.transaction().execute(async (target) => {
    for (const [table, key] of Object.entries(KEYS)) {
      if ((await page(target, { table, key }, undefined, 1)).length > 0) {
        throw new Error(`there is something in the database ${to.name} already`);
      }
      counts.set(table, await copyTable(from.records, target, { table, key }));
    }
    await to.copied(target);
  });
  return counts;
}

interface Source {
  readonly table: string;
  readonly key: readonly string[];
}

async function copyTable(
  from: Kysely<Tables>,
  to: Kysely<Tables>,
  source: Source,
): Promise<number> {
  let count = 0;
  let last: Row | undefined;
  for (;;) {
    const rows = await page(from, source, last, AT_ONCE);
    last = rows.at(-1);
    if (last === undefined) return count;
    const columns = Object.keys(last);
    const values = rows.map(
      (row) => sql`(${sql.join(columns.map((column) => whole(row[column])))})`,
    );
    const names = sql.join(columns.map((column) => sql.ref(column)));
    await sql`INSERT INTO ${sql.table(source.table)} (${names}) VALUES ${sql.join(values)}`.execute(
      to,
    );
    count += rows.length;
  }
}

/** The rows behind one. */
async function page(
  db: Kysely<Tables>,
  { table, key }: Source,
  last: Row | undefined,
  limit: number,
): Promise<readonly Row[]> {
  const columns = sql.join(key.map((name) => sql.ref(name)));
  const behind =
    last === undefined
      ? sql``
      : sql`WHERE (${columns}) > (${sql.join(key.map((name) => last[name]))})`;
  const { rows } =
    await sql<Row>`SELECT * FROM ${sql.table(table)} ${behind} ORDER BY ${columns} LIMIT ${limit}`.execute(
      db,
    );
  return rows;
}

/** Times were kept with fractions once. */
function whole(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value;
}
