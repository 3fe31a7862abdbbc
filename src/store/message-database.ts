/** One statement, in the SQL that all databases have in common, with a `?` for each of its values. */
export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Statements that take effect together. A function is asked for them when they are written, perhaps more than once. */
export type Piece = readonly Query[] | (() => readonly Query[]);

/** Messages on their way, on disk. */
export interface MessageDatabase {
  /** A sub-query for the numbers in a JSON array, which is its only value. */
  readonly listed: string;
  /** Whether what was given last could be written. */
  readonly isHealthy: boolean;
  readonly isOpen: boolean;
  /** On disk when it resolves; pieces take effect in the order in which they are given. @returns how many rows each statement changed */
  write(piece: Piece): Promise<readonly number[]>;
  /** The rows; their columns are those that the statement names. */
  read<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Writes what waits, or refuses it. */
  close(): Promise<void>;
}

/** The column `number` of the only row; 0 when it is empty. */
export async function numberIn(
  database: MessageDatabase,
  text: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const [row] = await database.read<{ readonly number: number | null }>(text, values);
  return row?.number ?? 0;
}

/** One kind of database, as {@link GroupCommit} needs it. */
export interface MessageEngine {
  readonly listed: string;
  readonly isOpen: boolean;
  /** How long to wait before the same is tried again after a failure that is not for good. */
  readonly retryMs: number;
  /**
   * Writes all pieces or none.
   * @returns for each piece how many rows each statement changed
   * @throws NotWritten
   */
  transact(pieces: readonly (readonly Query[])[]): Changes | Promise<Changes>;
  read<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  close(): void | Promise<void>;
}

export type Changes = readonly (readonly number[])[];

/** Nothing of what was to be written is on disk, as far as is known. */
export class NotWritten extends Error {
  /** Which piece is at fault; `undefined` when none is. */
  readonly piece: number | undefined;
  /** The same may succeed in a moment. */
  readonly isTemporary: boolean;
  /** It may be on disk after all: nobody may be told that it is not. */
  readonly isInDoubt: boolean;

  constructor(
    cause: unknown,
    about: { readonly piece?: number; readonly isTemporary: boolean; readonly isInDoubt?: boolean },
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'NotWritten';
    this.piece = about.piece;
    this.isTemporary = about.isTemporary;
    this.isInDoubt = about.isInDoubt === true;
  }
}
