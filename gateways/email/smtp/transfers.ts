import type { Written } from '../writing/compose.ts';

/** How far a mail has come, for whoever waits. */
export interface Progress {
  /** It is not worth going on: nothing of the mail has left, and nobody waits any longer. */
  readonly signal: AbortSignal;
  /** What is handed over from now on. */
  written?: Written;
}

interface Transfer<Result> {
  readonly outcome: Promise<Result>;
  readonly progress: Progress;
  giveUp(): void;
}

/**
 * Mails on their way to a server. It may take ten minutes to say whether it takes one (RFC 5321 §4.5.3.2.6), longer than the core
 * waits: the mail goes on by itself then, and its outcome is kept until it is asked for.
 */
export class Transfers<Result> {
  readonly #patienceMs: number;
  readonly #all = new Map<string, Transfer<Result>>();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Whether one is under way, or over and not asked for. */
  has(name: string): boolean {
    return this.#all.has(name);
  }

  begin(name: string, work: (progress: Progress) => Promise<Result>): void {
    const abort = new AbortController();
    const progress: Progress = { signal: abort.signal };
    const outcome = work(progress);
    outcome.catch(() => undefined);
    this.#all.set(name, { outcome, progress, giveUp: () => abort.abort() });
  }

  /**
   * What has become of it, and forgets it.
   * @param late is thrown when it takes too long; one of which nothing has left yet is broken off instead
   */
  async outcome(name: string, late: () => Error): Promise<Result> {
    const transfer = this.#known(name);
    if (!(await this.#isOver(transfer))) {
      if (transfer.progress.written?.isBegun === true) throw late();
      transfer.giveUp();
    }
    this.#all.delete(name);
    return transfer.outcome;
  }

  /** The same for whoever has the time. */
  async end(name: string): Promise<Result> {
    const transfer = this.#known(name);
    const isOver = await this.#isOver(transfer);
    if (!isOver && transfer.progress.written?.isBegun !== true) transfer.giveUp();
    return transfer.outcome.finally(() => this.#all.delete(name));
  }

  /** The same for one that may have been taken: `undefined` for one that was not, which {@link Transfers.outcome} then says. */
  async taken(name: string, late: () => Error): Promise<Result | undefined> {
    const transfer = this.#known(name);
    if (!(await this.#isOver(transfer))) throw late();
    const result = await transfer.outcome.catch(() => undefined);
    if (result !== undefined) this.#all.delete(name);
    return result;
  }

  #known(name: string): Transfer<Result> {
    const transfer = this.#all.get(name);
    if (transfer === undefined) throw new Error('there is no such mail under way');
    return transfer;
  }

  async #isOver({ outcome }: Transfer<Result>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), this.#patienceMs);
    });
    const over = outcome.then(
      () => true,
      () => true,
    );
    const isOver = await Promise.race([over, late]);
    clearTimeout(timer);
    return isOver;
  }
}
