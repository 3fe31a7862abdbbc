import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore } from '../../src/store/store.ts';
import type { Store, StoreOptions } from '../../src/store/store.ts';

/** Where to make databases of PostgreSQL for tests; without it they are of SQLite. */
const SERVER = process.env['CAUSEWAY_TEST_DATABASE'];

/** A data folder and a database for one test, to be opened as often as it likes. */
export class TestStore {
  /** What else tests look at is in files of SQLite. */
  static readonly isSqlite = SERVER === undefined;
  readonly folder = mkdtempSync(join(tmpdir(), 'causeway-store-'));
  readonly data = join(this.folder, 'data');
  readonly #schema = `test_${randomUUID().replaceAll('-', '')}`;
  #isMade = false;

  /** As the configuration names it. */
  get database(): string {
    if (SERVER === undefined) return 'sqlite';
    const url = new URL(SERVER);
    url.searchParams.set('options', `-c search_path=${this.#schema}`);
    return url.href;
  }

  async open(options: Partial<StoreOptions> = {}): Promise<Store> {
    await this.#make();
    return openStore({ data: this.data, database: this.database, env: {}, ...options });
  }

  /** Asks the database itself. PostgreSQL only. */
  async ask(text: string): Promise<readonly unknown[]> {
    await this.#make();
    const client = new pg.Client({ connectionString: this.database });
    await client.connect();
    try {
      const { rows } = await client.query<object>(text);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Keeps everybody from a table. PostgreSQL only. @returns what lets them in again */
  async lock(table: string): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: this.database });
    await client.connect();
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return () => client.end();
  }

  async remove(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    if (this.#isMade && SERVER !== undefined) await this.ask(`DROP SCHEMA ${this.#schema} CASCADE`);
  }

  async #make(): Promise<void> {
    if (this.#isMade || SERVER === undefined) return;
    this.#isMade = true;
    await this.ask(`CREATE SCHEMA ${this.#schema}`);
  }
}
