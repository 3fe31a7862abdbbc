import type { Memory } from '../plugin/index.ts';
import type { CredentialBox } from './credential-box.ts';
import type { MessageDatabase } from './message-database.ts';

const MAX_KEY = 200;
const MAX_VALUE = 65_536;

/** What gateways keep for their users beside the accounts, encrypted as those are. */
export class Memories {
  readonly #database: MessageDatabase;
  readonly #box: CredentialBox;

  constructor(database: MessageDatabase, box: CredentialBox) {
    this.#database = database;
    this.#box = box;
  }

  /** The memory of one user of one gateway. */
  of(gateway: string, user: string): Memory {
    return new UserMemory(this, gateway, user);
  }

  async delete(gateway: string, user: string, key: string): Promise<void> {
    await this.#database.write([
      {
        text: 'DELETE FROM memories WHERE gateway = ? AND "user" = ? AND key = ?',
        values: [gateway, user, key],
      },
    ]);
  }

  async removeAll(gateway: string, user: string): Promise<void> {
    await this.#database.write([
      { text: 'DELETE FROM memories WHERE gateway = ? AND "user" = ?', values: [gateway, user] },
    ]);
  }

  async get(gateway: string, user: string, key: string): Promise<string | undefined> {
    const [row] = await this.#database.read<{ readonly value: Uint8Array }>(
      'SELECT value FROM memories WHERE gateway = ? AND "user" = ? AND key = ?',
      [gateway, user, key],
    );
    return row === undefined
      ? undefined
      : this.#box.open(row.value, memoryPlace(gateway, user, key));
  }

  async set(
    place: { readonly gateway: string; readonly user: string; readonly key: string },
    text: string,
  ): Promise<void> {
    const { gateway, user, key } = place;
    if (key.length > MAX_KEY || text.length > MAX_VALUE) throw new RangeError('too long to keep');
    const value = this.#box.seal(text, memoryPlace(gateway, user, key));
    await this.#database.write([
      {
        text: `INSERT INTO memories (gateway, "user", key, value) VALUES (?, ?, ?, ?)
          ON CONFLICT (gateway, "user", key) DO UPDATE SET value = excluded.value`,
        values: [gateway, user, key, value],
      },
    ]);
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

/** What a value is bound to when it is encrypted. */
export function memoryPlace(gateway: string, user: string, key: string): string {
  return `memory\0${gateway}\0${user}\0${key}`;
}
