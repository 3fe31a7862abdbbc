import type { Kysely } from 'kysely';
import type { Memory } from '../plugin/index.ts';
import type { CredentialBox } from './credential-box.ts';
import type { Tables } from './database.ts';

const MAX_KEY = 200;
const MAX_VALUE = 65_536;

/** What gateways keep for their users beside the accounts, encrypted as those are. */
export class Memories {
  readonly #db: Kysely<Tables>;
  readonly #box: CredentialBox;

  constructor(db: Kysely<Tables>, box: CredentialBox) {
    this.#db = db;
    this.#box = box;
  }

  /** The memory of one user of one gateway. */
  of(gateway: string, user: string): Memory {
    return new UserMemory(this, gateway, user);
  }

  async delete(gateway: string, user: string, key: string): Promise<void> {
    await this.#db
      .deleteFrom('memories')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .where('key', '=', key)
      .execute();
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#db
      .deleteFrom('memories')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .execute();
  }

  async get(gateway: string, user: string, key: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('memories')
      .select('value')
      .where('gateway', '=', gateway)
      .where('user', '=', user)
      .where('key', '=', key)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#box.open(row.value, placeOf(gateway, user, key));
  }

  async set(
    place: { readonly gateway: string; readonly user: string; readonly key: string },
    text: string,
  ): Promise<void> {
    const { gateway, user, key } = place;
    if (key.length > MAX_KEY || text.length > MAX_VALUE) throw new RangeError('too long to keep');
    const value = this.#box.seal(text, placeOf(gateway, user, key));
    await this.#db
      .insertInto('memories')
      .values({ ...place, value })
      .onConflict((conflict) => conflict.columns(['gateway', 'user', 'key']).doUpdateSet({ value }))
      .execute();
  }
}

class UserMemory implements Memory {
  readonly #all: Memories;
  readonly #gateway: string;
  readonly #user: string;

  constructor(all: Memories, gateway: string, user: string) {
    this.#all = all;
    this.#gateway = gateway;
    this.#user = user;
  }

  get(key: string): Promise<string | undefined> {
    return this.#all.get(this.#gateway, this.#user, key);
  }

  set(key: string, value: string): Promise<void> {
    return this.#all.set({ gateway: this.#gateway, user: this.#user, key }, value);
  }

  delete(key: string): Promise<void> {
    return this.#all.delete(this.#gateway, this.#user, key);
  }
}

function placeOf(gateway: string, user: string, key: string): string {
  return `memory\0${gateway}\0${user}\0${key}`;
}
