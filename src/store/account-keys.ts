import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';
import { indexedName } from './indexed-name.ts';

const MAX_KNOWN = 10_000;

/** What accounts are found by from outside: mail addresses, phone numbers. */
export class AccountKeys {
  readonly #db: Kysely<Tables>;
  /** What was looked up last: one key is asked for with everything that comes for its user. */
  readonly #known = new Map<string, string>();
  #version = 0;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The bare JID of the user who has this key. */
  async userOf(gateway: string, key: string): Promise<string | undefined> {
    const name = indexedName(key);
    const place = JSON.stringify([gateway, name]);
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const version = this.#version;
    const row = await this.#db
      .selectFrom('account_keys')
      .select('user')
      .where('gateway', '=', gateway)
      .where('key', '=', name)
      .executeTakeFirst();
    if (row !== undefined && version === this.#version) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(place, row.user);
    }
    return row?.user;
  }

  /** Of users with their keys, those of whom other keys are kept, or none. */
  async changed(
    gateway: string,
    wanted: ReadonlyMap<string, readonly string[]>,
  ): Promise<[user: string, keys: readonly string[]][]> {
    const rows = await this.#db
      .selectFrom('account_keys')
      .select(['user', 'key'])
      .where('gateway', '=', gateway)
      .execute();
    const kept = new Map<string, Set<string>>();
    for (const { user, key } of rows) kept.set(user, (kept.get(user) ?? new Set()).add(key));
    return [...wanted].filter(([user, keys]) => {
      const names = new Set(keys.map(indexedName));
      const has = kept.get(user) ?? new Set();
      return names.size !== has.size || [...names].some((name) => !has.has(name));
    });
  }

  /** Gives a user these keys instead of those that she had, all or none. @returns one that another user has */
  async save(gateway: string, user: string, keys: readonly string[]): Promise<string | undefined> {
    const names = new Map(keys.map((key) => [indexedName(key), key]));
    const saving = this.#db.transaction().execute(async (transaction) => {
      const taken =
        names.size === 0
          ? undefined
          : await transaction
              .selectFrom('account_keys')
              .select('key')
              .where('gateway', '=', gateway)
              .where('key', 'in', [...names.keys()])
              .where('user', '<>', user)
              .executeTakeFirst();
      if (taken !== undefined) return names.get(taken.key);
      await transaction
        .deleteFrom('account_keys')
        .where('gateway', '=', gateway)
        .where('user', '=', user)
        .execute();
      for (const key of names.keys()) {
        await transaction.insertInto('account_keys').values({ gateway, user, key }).execute();
      }
      return undefined;
    });
    return saving.finally(() => this.#forget());
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('account_keys')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute()
      .finally(() => this.#forget());
  }

  /** What is being read now may be of before. */
  #forget(): void {
    this.#version += 1;
    this.#known.clear();
  }
}
