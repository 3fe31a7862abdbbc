/** A database that is looked at, and not touched. */
export interface Specimen {
  /** What it is called in words for the administrator. */
  readonly name: string;
  /** A gateway serves with it. */
  readonly isInUse: boolean;
  /** The migrations that it has had. */
  migrations(): Promise<readonly string[]>;
  /** A value of the table `meta`. */
  meta(name: string): Promise<Uint8Array | undefined>;
  /** What a gateway keeps for itself. */
  memory(gateway: string, key: string): Promise<Uint8Array | undefined>;
}

export const SPECIMEN_SQL = {
  migrations: 'SELECT name FROM kysely_migration',
  meta: 'SELECT value FROM meta WHERE name = ?',
  memory: `SELECT value FROM memories WHERE gateway = ? AND "user" = '' AND key = ?`,
} as const;

export interface ValueRow {
  readonly value: Uint8Array;
}

export function unreadable(name: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`the database ${name} cannot be read: ${reason}`, { cause });
}
