import { Migrator } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';
import { MIGRATIONS } from './migrations.ts';

/** Brings a database up to date. @param schema is where tables are made, where there are several. @throws Error in words for the administrator */
export async function migrate(db: Kysely<Tables>, name: string, schema?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
    // The order of a language takes 3 MB of tables.
    nameComparator: (one, other) => Number(one > other) - Number(one < other),
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const reason = error instanceof Error ? error.message : 'unknown';
  throw new Error(
    reason.includes('corrupted migrations')
      ? tooNew(name)
      : `the database ${name} cannot be brought up to date: ${reason}`,
    { cause: error },
  );
}

export const tooNew = (name: string): string =>
  `the database ${name} was made by a newer version of Causeway`;
