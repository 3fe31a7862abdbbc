import type { Kysely } from 'kysely';
import type { Account } from '../plugin/index.ts';
import type { CredentialBox } from './credential-box.ts';
import type { Tables } from './database.ts';

const PAGE_COUNT = 500;

export interface Registration {
  readonly user: string;
  readonly account: Account;
}

/** Who has registered where, with the account that goes with it. */
export class Registrations {
  readonly #db: Kysely<Tables>;
  readonly #box: CredentialBox;

  constructor(db: Kysely<Tables>, box: CredentialBox) {
    this.#db = db;
    this.#box = box;
  }

  async find(gateway: string, user: string): Promise<Registration | undefined> {
    const row = await this.#db
      .selectFrom('registrations')
      .select('account')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .executeTakeFirst();
    return row && this.#opened(gateway, user, row.account);
  }

  /** All users of a gateway; a few hundred are read at once. */
  async *all(gateway: string): AsyncGenerator<Registration, void> {
    let last = '';
    for (;;) {
      const rows = await this.#db
        .selectFrom('registrations')
        .select(['user', 'account'])
        .where('gateway', '=', gateway)
        .where('user', '>', last)
        .orderBy('user')
        .limit(PAGE_COUNT)
        .execute();
      yield* rows.map(({ user, account }) => this.#opened(gateway, user, account));
      if (rows.length < PAGE_COUNT) return;
      last = rows.at(-1)?.user ?? last;
    }
  }

  /** The bare JIDs of all users of a gateway. */
  async users(gateway: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('registrations')
      .select('user')
      .where('gateway', '=', gateway)
      .orderBy('user')
      .execute();
    return rows.map(({ user }) => user);
  }

  /** On disk when it resolves. */
  async save(gateway: string, user: string, account: Account): Promise<void> {
    const sealed = this.#box.seal(JSON.stringify(account), placeOf(gateway, user));
    const now = Date.now();
    await this.#db
      .insertInto('registrations')
      .values({ gateway, user, account: sealed, created_at: now, changed_at: now })
      .onConflict((conflict) =>
        conflict.columns(['gateway', 'user']).doUpdateSet({ account: sealed, changed_at: now }),
      )
      .execute();
  }

  async remove(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('registrations')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
  }

  #opened(gateway: string, user: string, sealed: Uint8Array): Registration {
    return { user, account: readAccount(this.#box.open(sealed, placeOf(gateway, user))) };
  }
}

function placeOf(gateway: string, user: string): string {
  return `registration\0${gateway}\0${user}`;
}

function readAccount(text: string): Account {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('an account that is no object');
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | number | boolean | null] =>
        entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  );
}
