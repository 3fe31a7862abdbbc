import { sql } from 'kysely';
import type { Kysely, Migration } from 'kysely';

/** In order, by name. One that was released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-registrations': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema
        .createTable('registrations')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('account', 'blob', (column) => column.notNull())
        .addColumn('created_at', 'integer', (column) => column.notNull())
        .addColumn('changed_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('registrations_key', ['gateway', 'user'])
        .execute();
      await db.schema
        .createTable('subscriptions')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('to_user', 'integer', (column) => column.notNull())
        .addColumn('from_user', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('subscriptions_key', ['gateway', 'user', 'address'])
        .execute();
      await db.schema
        .createTable('meta')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', 'blob', (column) => column.notNull())
        .addColumn('changed_at', 'integer', (column) =>
          column.notNull().defaultTo(sql`(unixepoch() * 1000)`),
        )
        .execute();
    },
  },
  '0002-memories': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema
        .createTable('memories')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('value', 'blob', (column) => column.notNull())
        .addPrimaryKeyConstraint('memories_key', ['gateway', 'user', 'key'])
        .execute();
    },
  },
};
