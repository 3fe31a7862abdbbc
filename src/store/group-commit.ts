import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { NotWritten } from './message-database.ts';
import type { MessageDatabase, MessageEngine, Piece } from './message-database.ts';

/** How long rows wait for company. */
const GATHER_MS = 4;
/** How long a database that cannot be written now is tried again. */
const PATIENCE_MS = 10_000;
const CLOSED = 'the database is closed';

interface Waiting {
  readonly piece: Piece;
  readonly resolve: (changes: readonly number[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of many users in one transaction: each would else wait for the disk by itself. One group follows the other. */
export class GroupCommit implements MessageDatabase {
  readonly #engine: MessageEngine;
  readonly #log: Logger;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isHealthy = true;
  #isClosed = false;

  constructor(engine: MessageEngine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  get listed(): string {
    return this.#engine.listed;
  }

  get isHealthy(): boolean {
    return this.#isHealthy && this.isOpen;
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#engine.isOpen;
  }

  write(piece: Piece): Promise<readonly number[]> {
    if (this.#isClosed) return Promise.reject(new Error(CLOSED));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ piece, resolve, reject });
      if (this.#writing === undefined) this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    });
  }

  async read<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (this.#isClosed) throw new Error(CLOSED);
    return this.#engine.read<Row>(text, values);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#writing;
    this.#flush();
    await this.#writing;
    await this.#engine.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#waiting.length === 0) return;
    const group = this.#waiting;
    this.#waiting = [];
    this.#writing = this.#write(group).finally(() => {
      this.#writing = undefined;
      this.#flush();
    });
  }

  /** Settles all of a group. One piece that cannot be written does not hold up the others. */
  async #write(group: readonly Waiting[]): Promise<void> {
    let pieces = group;
    const patienceEndsAt = Date.now() + PATIENCE_MS;
    while (pieces.length > 0) {
      const failure = await this.#transact(pieces);
      if (failure === undefined) return;
      const isLate = Date.now() >= patienceEndsAt;
      const mayGoOn = this.isOpen && (failure.isInDoubt || (failure.isTemporary && !isLate));
      // Those behind are in no doubt: they need not wait for as long as it takes.
      if (isLate && mayGoOn) this.#refuse(this.#waiting.splice(0), failure);
      if (mayGoOn) await pause(this.#engine.retryMs);
      else pieces = this.#refuse(pieces, failure);
    }
  }

  /** @returns why nothing was written, if it was not */
  async #transact(pieces: readonly Waiting[]): Promise<NotWritten | undefined> {
    try {
      const queries = pieces.map(({ piece }) => (typeof piece === 'function' ? piece() : piece));
      const written = this.#engine.transact(queries);
      const changes = written instanceof Promise ? await written : written;
      this.#isHealthy = true;
      pieces.forEach(({ resolve }, index) => resolve(changes[index] ?? []));
      return undefined;
    } catch (error) {
      return error instanceof NotWritten ? error : new NotWritten(error, { isTemporary: false });
    }
  }

  /** @returns the pieces that have no part in a failure */
  #refuse(pieces: readonly Waiting[], { piece, cause }: NotWritten): readonly Waiting[] {
    // One that the database does not take says nothing of the others.
    this.#isHealthy = piece !== undefined;
    if (pieces.length === 0) return pieces;
    this.#log.error({ err: cause }, 'messages could not be stored');
    const isRefused = (index: number): boolean => piece === undefined || piece === index;
    pieces.forEach(({ reject }, index) => isRefused(index) && reject(cause));
    return pieces.filter((_, index) => !isRefused(index));
  }
}
