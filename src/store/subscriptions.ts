import type { Kysely } from 'kysely';
import type { Tables } from './database.ts';

export interface SubscriptionRow {
  /** The local part of our JID; empty for the gateway itself. */
  readonly address: string;
  readonly toUser: boolean;
  readonly fromUser: boolean;
}

/** Who sees whose presence. */
export class Subscriptions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(gateway: string, user: string): Promise<SubscriptionRow[]> {
    const rows = await this.#db
      .selectFrom('subscriptions')
      .select(['address', 'to_user', 'from_user'])
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
    return rows.map(({ address, to_user, from_user }) => ({
      address,
      toUser: to_user === 1,
      fromUser: from_user === 1,
    }));
  }

  /** The bare JIDs of all who see the presence of one address. */
  async watchers(gateway: string, address: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('subscriptions')
      .select('user')
      .where('gateway', '=', gateway)
      .where('address', '=', address)
      .where('from_user', '=', 1)
      .orderBy('user')
      .execute();
    return rows.map(({ user }) => user);
  }

  async save(gateway: string, user: string, row: SubscriptionRow): Promise<void> {
    const sides = { to_user: Number(row.toUser), from_user: Number(row.fromUser) };
    await this.#db
      .insertInto('subscriptions')
      .values({ gateway, user, address: row.address, ...sides })
      .onConflict((conflict) => conflict.columns(['gateway', 'user', 'address']).doUpdateSet(sides))
      .execute();
  }

  async remove(gateway: string, user: string, address: string): Promise<void> {
    await this.#db
      .deleteFrom('subscriptions')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .where('address', '=', address)
      .execute();
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('subscriptions')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
  }
}
