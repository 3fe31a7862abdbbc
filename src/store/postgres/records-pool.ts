import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import type { ClientConfig } from 'pg';
import type { Logger } from 'pino';
import { isPassing, storable } from './connection.ts';

/** One connection for all that Kysely asks, so that nobody changes what another has just read. */
export class RecordsPool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #log: Logger;

  constructor({ connectionTimeoutMillis, ...config }: ClientConfig, log: Logger) {
    this.#log = log;
    // In the pool's own options this would bound, too, how long one waits for its turn.
    class Client extends pg.Client {
      constructor(options: ClientConfig = {}) {
        super({ ...options, connectionTimeoutMillis });
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

  end(): Promise<void> {
    return this.#pool.end();
  }

  /** The error has the whole connection with it. */
  #lost({ message }: Error): void {
    this.#log.warn({ reason: message }, 'a connection to the database was lost');
  }
}
