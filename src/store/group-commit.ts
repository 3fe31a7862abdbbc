import type Database from 'libsql';
import type { Logger } from 'pino';

/** How long rows wait for company. */
const GATHER_MS = 4;
/** How long to wait for a database that another connection is writing to. */
const BUSY_MS = 20;
const BUSY_TRIES = 500;
const CLOSED = 'the database is closed';

interface Piece {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes of many users in one transaction: each would else wait for the disk by itself. All is on disk when the promise
 * of a piece resolves; pieces take effect in the order in which they were given.
 */
export class GroupCommit {
  readonly #sqlite: Database.Database;
  readonly #log: Logger;
  #pieces: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;
  #busyTries = 0;
  #isHealthy = true;
  #isClosed = false;

  constructor(sqlite: Database.Database, log: Logger) {
    this.#sqlite = sqlite;
    this.#log = log;
  }

  /** Whether the last group was written. */
  get isHealthy(): boolean {
    return this.#isHealthy && this.isOpen;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#sqlite.open;
  }

  /** @param work runs statements and nothing else: it may be run again when another piece of the same group fails. */
  write<Result>(work: () => Result): Promise<Result> {
    // The library ends the process when it is asked for anything behind the end.
    if (this.#isClosed) return Promise.reject(new Error(CLOSED));
    return new Promise<Result>((resolve, reject) => {
      // The result of the work is what its own promise takes.
      this.#pieces.push({ work, resolve: (result) => resolve(result as Result), reject });
      this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
    });
  }

  /** Writes what waits, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let pieces = this.#pieces;
    this.#pieces = [];
    while (pieces.length > 0) {
      const failed = this.#transact(pieces);
      if (failed === undefined) return;
      if (failed === 'busy') {
        this.#pieces = [...pieces, ...this.#pieces];
        this.#timer ??= setTimeout(() => this.flush(), BUSY_MS);
        return;
      }
      pieces = pieces.filter((piece) => piece !== failed);
    }
  }

  /** Writes what waits, or refuses it. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#isClosed = true;
    for (const { reject } of this.#pieces.splice(0)) reject(new Error(CLOSED));
  }

  /** @returns the piece that failed by itself and must be left out; nothing when all is done, one way or the other */
  #transact(pieces: readonly Piece[]): Piece | 'busy' | undefined {
    let current: Piece | undefined;
    try {
      this.#sqlite.exec('BEGIN IMMEDIATE');
      const results: unknown[] = [];
      for (const piece of pieces) {
        current = piece;
        results.push(piece.work());
      }
      current = undefined;
      this.#sqlite.exec('COMMIT');
      this.#busyTries = 0;
      this.#isHealthy = true;
      pieces.forEach(({ resolve }, index) => resolve(results[index]));
      return undefined;
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#sqlite.exec('ROLLBACK');
      if (isBusy(error) && this.#busyTries < BUSY_TRIES) {
        this.#busyTries += 1;
        return 'busy';
      }
      this.#busyTries = 0;
      this.#isHealthy = false;
      this.#log.error({ err: error }, 'messages could not be stored');
      if (current !== undefined) {
        current.reject(error);
        return current;
      }
      for (const { reject } of pieces) reject(error);
      return undefined;
    }
  }
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    /SQLITE_BUSY|database is locked/.test(`${error.message} ${codeOf(error)}`)
  );
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
