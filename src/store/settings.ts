import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';

/** What users have chosen for the gateway as such, whatever its network: names and values, in clear. */
export class SettingsStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(gateway: string, user: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db
      .selectFrom('settings')
      .select(['name', 'value'])
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  /** The bare JIDs of all users of a gateway with this value. */
  async usersWith(gateway: string, name: string, value: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('settings')
      .select('user')
      .where('gateway', '=', gateway)
      .where('name', '=', name)
      .where('value', '=', value)
      .orderBy('user')
      .execute();
    return rows.map(({ user }) => user);
  }

  /** On disk when it resolves. */
  async save(
    place: { readonly gateway: string; readonly user: string; readonly name: string },
    value: string,
  ): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ ...place, value })
      .onConflict((conflict) =>
        conflict.columns(['gateway', 'user', 'name']).doUpdateSet({ value }),
      )
      .execute();
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('settings')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
  }
}
