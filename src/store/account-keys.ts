import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';

/** What accounts are found by from outside: mail addresses, phone numbers. */
export class AccountKeys {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The bare JID of the user who has this key. */
  async userOf(gateway: string, key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('account_keys')
      .select('user')
      .where('gateway', '=', gateway)
      .where('key', '=', key)
      .executeTakeFirst();
    return row?.user;
  }

  /** Gives a user these keys instead of those that she had, all or none. @returns one that another user has */
  async save(gateway: string, user: string, keys: readonly string[]): Promise<string | undefined> {
    return this.#db.transaction().execute(async (transaction) => {
      const taken =
        keys.length === 0
          ? undefined
          : await transaction
              .selectFrom('account_keys')
              .select('key')
              .where('gateway', '=', gateway)
              .where('key', 'in', keys)
              .where('user', '<>', user)
              .executeTakeFirst();
      if (taken !== undefined) return taken.key;
      await transaction
        .deleteFrom('account_keys')
        .where('gateway', '=', gateway)
        .where('user', '=', user)
        .execute();
      for (const key of new Set(keys)) {
        await transaction.insertInto('account_keys').values({ gateway, user, key }).execute();
      }
      return undefined;
    });
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('account_keys')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
  }
}
