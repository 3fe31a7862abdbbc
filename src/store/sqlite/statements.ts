import type Database from 'libsql';
import type { Query } from '../message-database.ts';

/** The statements of one connection, each prepared once. */
export class Statements {
  readonly #sqlite: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(sqlite: Database.Database) {
    this.#sqlite = sqlite;
  }

  /** @returns how many rows were changed */
  run({ text, values }: Query): number {
    return this.#of(text).run([...values]).changes;
  }

  /** The rows; their columns are those that the statement names. */
  all<Row>({ text, values }: Query): Row[] {
    return this.#of(text).all([...values]) as Row[];
  }

  #of(text: string): Database.Statement<unknown[]> {
    const known = this.#prepared.get(text) ?? this.#sqlite.prepare(text);
    this.#prepared.set(text, known);
    return known;
  }
}
