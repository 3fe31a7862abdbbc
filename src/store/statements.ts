import type Database from 'libsql';

/** The statements of one connection, each prepared once. */
export class Statements {
  readonly #sqlite: Database.Database;
  readonly #prepared = new Map<string, Database.Statement<unknown[]>>();

  constructor(sqlite: Database.Database) {
    this.#sqlite = sqlite;
  }

  /** @returns how many rows were changed */
  run(statement: string, values: readonly unknown[]): number {
    return this.#of(statement).run([...values]).changes;
  }

  /** The rows; their columns are those that the statement names. */
  all<Row>(statement: string, values: readonly unknown[]): Row[] {
    return this.#of(statement).all([...values]) as Row[];
  }

  /** The column `number` of the only row; 0 when it is empty. */
  number(statement: string, values: readonly unknown[] = []): number {
    return this.all<{ readonly number: number | null }>(statement, values)[0]?.number ?? 0;
  }

  #of(statement: string): Database.Statement<unknown[]> {
    const known = this.#prepared.get(statement) ?? this.#sqlite.prepare(statement);
    this.#prepared.set(statement, known);
    return known;
  }
}
