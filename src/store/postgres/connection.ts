import pg from 'pg';
import type { ClientConfig, CustomTypesConfig, QueryResult } from 'pg';

const CONNECT_MS = 5_000;
/** Long before a user's work is given up. */
const ANSWER_MS = 20_000;
/** Then the server itself gives up, so that those who wait behind it need not fail with it. */
const READ_MS = 10_000;
/** A number of eight bytes, and one without bounds: sums of such. Ours are numbers that JavaScript can count to. */
const NUMBERS: ReadonlySet<number> = new Set([20, 1_700]);

type Types = CustomTypesConfig['getTypeParser'];

const getTypeParser = ((oid: number, format?: 'text' | 'binary'): unknown =>
  NUMBERS.has(oid)
    ? Number
    : pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')) as Types;

/** What all connections have in common. */
export function clientConfig(url: string, name: string): ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: { getTypeParser },
  };
}

/** For questions that change little or nothing. */
export function readerConfig(url: string, name: string): ClientConfig {
  return { ...clientConfig(url, name), statement_timeout: READ_MS };
}

/** One connection, made when it is needed and again when it was lost. What is asked goes out at once, answers come in order. */
export class PostgresConnection {
  readonly #config: ClientConfig;
  readonly #begin: (client: pg.Client) => Promise<unknown>;
  #opening: Promise<pg.Client> | undefined;
  /** The same before it stands. */
  #client: pg.Client | undefined;
  #isClosed = false;

  /** @param begin is done first on every new connection */
  constructor(
    config: ClientConfig,
    begin: (client: pg.Client) => Promise<unknown> = () => Promise.resolve(),
  ) {
    this.#config = { ...config, pipeline: true };
    this.#begin = begin;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** The connection that stands, or a new one. */
  client(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error('the database is closed'));
    if (this.#opening !== undefined) return this.#opening;
    const opening = this.#open(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  async #open(lost: () => void): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    this.#client = client;
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      await this.#begin(client);
      return client;
    } catch (error) {
      lost();
      client.end().catch(() => undefined);
      throw error;
    }
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    return ask<Row>(await this.client(), text, values);
  }

  /** Hangs up: what was asked fails, and nobody can ask any more. */
  abandon(): void {
    this.#isClosed = true;
    this.#opening = undefined;
    if (this.#client !== undefined) hangUp(this.#client);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#opening?.catch(() => undefined);
    await client?.end();
  }
}

/** Without a word to the server, which may not listen. */
export function hangUp(client: pg.Client): void {
  client.connection.stream.destroy();
}

/** Statements by their text with `?`: as the server wants them, and the name that it keeps them by. */
const prepared = new Map<string, { readonly name: string; readonly text: string }>();

/** Puts a question to a connection. @param text has a `?` for each value */
export function ask<Row extends object>(
  client: pg.Client,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<Row>> {
  let statement = prepared.get(text);
  if (statement === undefined) {
    let count = 0;
    statement = {
      name: `c${prepared.size}`,
      text: text.replaceAll('?', () => `$${(count += 1)}`),
    };
    prepared.set(text, statement);
  }
  return client.query<Row>({ ...statement, values: values.map(storable) });
}

/** PostgreSQL keeps every sign in texts but one. Bytes may come as SQLite gives them. */
export function storable(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '�') : value;
}

/** Classes of conditions (Appendix A of its manual) that are no fault of the statement: it may succeed later, or on another connection. */
const PASSING = new Set(['08', '25', '40', '53', '55', '57', '58']);

/** Whether the same may succeed in a moment: what is not told by the server at all is trouble with the connection. */
export function isPassing(error: unknown): boolean {
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  return code === undefined || PASSING.has(code.slice(0, 2));
}
