import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { hangUp, isPassing, storable } from './connection.ts';

/** One connection for all that Kysely asks, so that nobody changes what another has just read. */
export class RecordsPool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #clients = new Set<pg.Client>();
  #isAbandoned = false;

  constructor({ connectionTimeoutMillis, ...config }: ClientConfig, log: Logger) {
    this.#log = log;
    // In the pool's own options this would bound, too, how long one waits for its turn.
    const made = (client: pg.Client): void => this.#made(client);
    class Client extends pg.Client {
      constructor(options: ClientConfig = {}) {
        super({ ...options, connectionTimeoutMillis });
        made(this);
      }
    }
    this.#pool = new pg.Pool({ ...config, max: 1, Client });
    this.#pool.on('error', (error) => this.#lost(error));
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect();
    const lost = (error: Error): void => this.#lost(error);
    client.on('error', lost);
    let isBroken = false;
    const ask = async (text: string, values: readonly unknown[]): Promise<pg.QueryResult> => {
      try {
        return await client.query(text, values.map(storable));
      } catch (error) {
        // Whatever else was asked on it would wait behind this for ever.
        isBroken ||= isPassing(error);
        throw error;
      }
    };
    // Of the two ways to ask, the other one is for cursors.
    const query = (text: string, values: readonly unknown[]): unknown => ask(text, values);
    return {
      query: query as PostgresPoolClient['query'],
      release: () => {
        client.off('error', lost);
        client.release(isBroken);
      },
    };
  }

  /** What was asked fails, and nobody can ask any more. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const client of this.#clients) hangUp(client);
  }

  async end(): Promise<void> {
    // It waits for those who wait for their turn.
    if (!this.#isAbandoned) await this.#pool.end();
  }

  #made(client: pg.Client): void {
    this.#clients.add(client);
    client.once('end', () => this.#clients.delete(client));
    // Somebody's turn has come who waited for it.
    if (this.#isAbandoned) setImmediate(() => hangUp(client));
  }

  /** The error has the whole connection with it. */
  #lost({ message }: Error): void {
    this.#log.warn({ reason: message }, 'a connection to the database was lost');
  }
}
