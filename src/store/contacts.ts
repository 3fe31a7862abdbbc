import type { Kysely, Selectable, Transaction } from 'kysely';
import type { ContactsTable, Tables } from './database.ts';

/** By what means the user's roster was told of a contact. */
export type RosterWay = 'privilege' | 'exchange' | 'subscription';

/** What the user's roster has been told of a contact. */
export interface RosterEntry {
  readonly way: RosterWay;
  readonly name: string;
  readonly groups: readonly string[];
}

export interface ContactRow {
  /** As the network names it. */
  readonly contact: string;
  /** Empty when the network tells none. */
  readonly name: string;
  readonly groups: readonly string[];
  /** It is on the list that the network keeps. */
  readonly isListed: boolean;
  /** It has asked for the user's presence and waits for her answer. */
  readonly isAsking: boolean;
  /** The user has taken it off her roster: it is not to be offered again. */
  readonly isDismissed: boolean;
  readonly entry: RosterEntry | undefined;
  /** SHA-1 in hex; the picture itself is kept apart. */
  readonly avatarHash: string | undefined;
}

export interface StoredAvatar {
  readonly hash: string;
  readonly type: string;
  readonly data: Uint8Array;
}

/** The people that users know on a network, and what their rosters have been told of them. */
export class ContactStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(gateway: string, user: string): Promise<ContactRow[]> {
    const rows = await this.#db
      .selectFrom('contacts')
      .selectAll()
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
    return rows.map(readRow);
  }

  /** Saves all or none. */
  async save(gateway: string, user: string, rows: readonly ContactRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#db.transaction().execute(async (transaction) => {
      for (const row of rows) await saveOne(transaction, gateway, user, row);
    });
  }

  async remove(gateway: string, user: string, contact: string): Promise<void> {
    for (const table of ['contacts', 'avatars'] as const) {
      await this.#db
        .deleteFrom(table)
        .where('gateway', '=', gateway)
        .where('user', '=', user)
        .where('contact', '=', contact)
        .execute();
    }
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    for (const table of ['contacts', 'avatars'] as const) {
      await this.#db
        .deleteFrom(table)
        .where('gateway', '=', gateway)
        .where('user', '=', user)
        .execute();
    }
  }

  async avatar(gateway: string, user: string, contact: string): Promise<StoredAvatar | undefined> {
    return this.#db
      .selectFrom('avatars')
      .select(['hash', 'type', 'data'])
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .where('contact', '=', contact)
      .executeTakeFirst();
  }

  async saveAvatar(
    place: { readonly gateway: string; readonly user: string; readonly contact: string },
    avatar: StoredAvatar,
  ): Promise<void> {
    await this.#db
      .insertInto('avatars')
      .values({ ...place, ...avatar })
      .onConflict((conflict) =>
        conflict.columns(['gateway', 'user', 'contact']).doUpdateSet({ ...avatar }),
      )
      .execute();
  }

  async removeAvatar(gateway: string, user: string, contact: string): Promise<void> {
    await this.#db
      .deleteFrom('avatars')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .where('contact', '=', contact)
      .execute();
  }
}

async function saveOne(
  db: Transaction<Tables>,
  gateway: string,
  user: string,
  row: ContactRow,
): Promise<void> {
  const values = {
    name: row.name,
    groups: JSON.stringify(row.groups),
    is_listed: Number(row.isListed),
    is_asking: Number(row.isAsking),
    is_dismissed: Number(row.isDismissed),
    entry: row.entry === undefined ? null : JSON.stringify(row.entry),
    avatar_hash: row.avatarHash ?? null,
  };
  await db
    .insertInto('contacts')
    .values({ gateway, user, contact: row.contact, ...values })
    .onConflict((conflict) => conflict.columns(['gateway', 'user', 'contact']).doUpdateSet(values))
    .execute();
}

function readRow(row: Selectable<ContactsTable>): ContactRow {
  return {
    contact: row.contact,
    name: row.name,
    groups: readStrings(JSON.parse(row.groups)),
    isListed: row.is_listed === 1,
    isAsking: row.is_asking === 1,
    isDismissed: row.is_dismissed === 1,
    entry: row.entry === null ? undefined : readEntry(JSON.parse(row.entry)),
    avatarHash: row.avatar_hash ?? undefined,
  };
}

function readEntry(value: unknown): RosterEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { way, name, groups } = value as Readonly<Record<string, unknown>>;
  if (way !== 'privilege' && way !== 'exchange' && way !== 'subscription') return undefined;
  return { way, name: typeof name === 'string' ? name : '', groups: readStrings(groups) };
}

function readStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
