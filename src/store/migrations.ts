import { PostgresAdapter, sql } from 'kysely';
import type {
  ColumnDataType,
  ColumnDefinitionBuilder,
  Kysely,
  Migration,
  RawBuilder,
} from 'kysely';
import { indexedName } from './indexed-name.ts';

/** What differs between databases. */
interface ColumnTypes {
  readonly bytes: ColumnDataType;
  /** For whatever number JavaScript can count to. */
  readonly integer: ColumnDataType;
  /** Milliseconds since 1970. */
  readonly now: RawBuilder<unknown>;
  /** Numbers that are not given twice, where the database gives them. */
  readonly counted: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** An index of the archive of rows gives them in their order, without having their id among its columns. */
  readonly keepsIdInIndexes: boolean;
}

const SQLITE: ColumnTypes = {
  bytes: 'blob',
  integer: 'integer',
  now: sql`(unixepoch() * 1000)`,
  counted: (column) => column,
  keepsIdInIndexes: true,
};

const POSTGRES: ColumnTypes = {
  bytes: 'bytea',
  integer: 'bigint',
  now: sql`(extract(epoch from now()) * 1000)::bigint`,
  counted: (column) => column.generatedByDefaultAsIdentity(),
  keepsIdInIndexes: false,
};

const typesOf = (db: Kysely<never>): ColumnTypes =>
  db.getExecutor().adapter instanceof PostgresAdapter ? POSTGRES : SQLITE;

/** In order, by name. One that was released is never changed. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-registrations': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('registrations')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('account', types.bytes, (column) => column.notNull())
        .addColumn('created_at', types.integer, (column) => column.notNull())
        .addColumn('changed_at', types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint('registrations_key', ['gateway', 'user'])
        .execute();
      await db.schema
        .createTable('subscriptions')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('to_user', types.integer, (column) => column.notNull())
        .addColumn('from_user', types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint('subscriptions_key', ['gateway', 'user', 'address'])
        .execute();
      await db.schema
        .createTable('meta')
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('value', types.bytes, (column) => column.notNull())
        .addColumn('changed_at', types.integer, (column) => column.notNull().defaultTo(types.now))
        .execute();
    },
  },
  '0002-memories': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('memories')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('value', types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('memories_key', ['gateway', 'user', 'key'])
        .execute();
    },
  },
  '0003-archive': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('archives')
        .addColumn('id', types.integer, (column) => types.counted(column.primaryKey()))
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('room', 'text', (column) => column.notNull())
        .addColumn('lag', types.integer, (column) => column.notNull())
        .addUniqueConstraint('archives_place', ['gateway', 'user', 'room'])
        .execute();
      await db.schema
        .createTable('archived')
        .addColumn('id', types.integer, (column) => column.primaryKey())
        .addColumn('archive', types.integer, (column) => column.notNull())
        .addColumn('at', types.integer, (column) => column.notNull())
        .addColumn('mark', 'text', (column) => column.notNull())
        .addColumn('nick', 'text', (column) => column.notNull())
        .addColumn('occupant_id', 'text', (column) => column.notNull())
        .addColumn('message_id', 'text', (column) => column.notNull())
        .addColumn('network_id', 'text', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('archived_order')
        .on('archived')
        .columns(types.keepsIdInIndexes ? ['archive'] : ['archive', 'id'])
        .execute();
    },
  },
  '0004-contacts': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('contacts')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('contact', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('groups', 'text', (column) => column.notNull())
        .addColumn('is_listed', types.integer, (column) => column.notNull())
        .addColumn('is_asking', types.integer, (column) => column.notNull())
        .addColumn('is_dismissed', types.integer, (column) => column.notNull())
        .addColumn('entry', 'text')
        .addColumn('avatar_hash', 'text')
        .addPrimaryKeyConstraint('contacts_key', ['gateway', 'user', 'contact'])
        .execute();
      await db.schema
        .createTable('avatars')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('contact', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('data', types.bytes, (column) => column.notNull())
        .addPrimaryKeyConstraint('avatars_key', ['gateway', 'user', 'contact'])
        .execute();
    },
  },
  '0005-settings': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema
        .createTable('settings')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('settings_key', ['gateway', 'user', 'name'])
        .execute();
    },
  },
  '0006-outbox': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('outbox')
        .addColumn('id', types.integer, (column) => column.primaryKey())
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('chat', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('stanza_id', 'text', (column) => column.notNull())
        .addColumn('origin', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempt', types.integer, (column) => column.notNull())
        .addColumn('due_at', types.integer, (column) => column.notNull())
        .addColumn('created_at', types.integer, (column) => column.notNull())
        .addColumn('content', types.bytes, (column) => column.notNull())
        .addUniqueConstraint('outbox_key', ['gateway', 'user', 'key'])
        .addUniqueConstraint('outbox_origin', ['gateway', 'user', 'origin'])
        .execute();
      await db.schema
        .createIndex('outbox_pending')
        .on('outbox')
        .columns(['gateway', 'user'])
        .where(sql.ref('state'), 'in', sql`('waiting', 'sending')`)
        .execute();
      await db.schema
        .createIndex('outbox_stanza')
        .on('outbox')
        .columns(['gateway', 'user', 'chat', 'stanza_id'])
        .execute();
      await db.schema
        .createTable('outbox_names')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('chat', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('outbox', types.integer, (column) => column.notNull())
        .addPrimaryKeyConstraint('outbox_names_key', ['gateway', 'user', 'chat', 'name'])
        .execute();
      await db.schema
        .createIndex('outbox_names_message')
        .on('outbox_names')
        .column('outbox')
        .execute();
    },
  },
  '0007-inbox': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('inbox')
        .addColumn('id', types.integer, (column) => column.primaryKey())
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('chat', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('digest', 'text', (column) => column.notNull())
        .addColumn('stanza_id', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('bounces', types.integer, (column) => column.notNull())
        .addColumn('created_at', types.integer, (column) => column.notNull())
        .addColumn('content', types.bytes, (column) => column.notNull())
        .addUniqueConstraint('inbox_name', ['gateway', 'user', 'chat', 'name'])
        .execute();
      await db.schema
        .createIndex('inbox_open')
        .on('inbox')
        .columns(['gateway', 'user', 'state'])
        .where(sql.ref('state'), '<>', 'done')
        .execute();
      await db.schema
        .createIndex('inbox_stanza')
        .on('inbox')
        .columns(['gateway', 'user', 'chat', 'stanza_id'])
        .execute();
    },
  },
  '0008-account-keys': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema
        .createTable('account_keys')
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('account_keys_key', ['gateway', 'key'])
        .execute();
      await db.schema
        .createIndex('account_keys_user')
        .on('account_keys')
        .columns(['gateway', 'user'])
        .execute();
    },
  },
  '0009-media': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .createTable('media')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('gateway', 'text', (column) => column.notNull())
        .addColumn('user', 'text', (column) => column.notNull())
        .addColumn('size', types.integer, (column) => column.notNull())
        .addColumn('created_at', types.integer, (column) => column.notNull())
        .addColumn('about', types.bytes, (column) => column.notNull())
        .execute();
      await db.schema.createIndex('media_user').on('media').columns(['gateway', 'user']).execute();
    },
  },
  '0010-order-of-names': {
    async up(db: Kysely<never>): Promise<void> {
      const types = typesOf(db);
      await db.schema
        .alterTable('outbox_names')
        .addColumn('position', types.integer, (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
  // Rows are changed one by one by their keys: there may be millions, and of names alone there is no index.
  '0011-long-names': {
    async up(db: Kysely<never>): Promise<void> {
      await db.schema.alterTable('outbox_names').addColumn('whole', 'text').execute();
      const { rows: sent } = await sql<SentName>`SELECT gateway, "user", chat, name
        FROM outbox_names WHERE length(name) > ${SHORT_NAME}`.execute(db);
      for (const { gateway, user, chat, name } of sent.filter(isLong)) {
        await sql`UPDATE outbox_names SET name = ${indexedName(name)}, whole = ${name}
          WHERE gateway = ${gateway} AND "user" = ${user} AND chat = ${chat} AND name = ${name}`.execute(
          db,
        );
      }
      const { rows: heard } = await sql<HeardName>`SELECT id, name
        FROM inbox WHERE length(name) > ${SHORT_NAME}`.execute(db);
      for (const { id, name } of heard.filter(isLong)) {
        await sql`UPDATE inbox SET name = ${indexedName(name)} WHERE id = ${id}`.execute(db);
      }
    },
  },
};

/** So many characters are short enough whatever they are. */
const SHORT_NAME = 160;

interface HeardName {
  readonly id: number;
  readonly name: string;
}

type SentName = Readonly<Record<'gateway' | 'user' | 'chat' | 'name', string>>;

const isLong = ({ name }: { readonly name: string }): boolean => indexedName(name) !== name;
