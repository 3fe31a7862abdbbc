import type { XmlElement } from '../xml/element.ts';
import type { Turns, Worker } from './turns.ts';

/** So many pieces of work for one user are done in a row; others have their turn before the next. */
const SLICE = 200;
/** A piece of work that keeps the thread for so long is told of. */
const SLOW_MS = 200;
/** The same for one that waits for something; all that comes after it for the user waits, too. */
const WAITING_MS = 5_000;
/** Then it is given up, and the user's work goes on. */
const ABANDON_MS = 30_000;

/** Stanzas to write, in order; `undefined` for none. */
export type Output = readonly XmlElement[] | undefined;

/** The same where they may be so many that each is made when it is written; to be gone through once. */
export type Written = Iterable<XmlElement> | undefined;

/** One piece of work for a user. It must not wait for anything that arrives through the same mailbox. */
export type Task = () => Written | Promise<Written>;

/** What is to be written when a piece of work has taken too long and is given up. */
export type Substitute = () => Output;

export interface Slowness {
  readonly what: string;
  readonly durationMs: number;
  /** It is not waited for any longer, and nothing of it will be written. */
  readonly isAbandoned: boolean;
}

export interface MailboxEdge {
  /** Who works when. */
  readonly turns: Turns;
  write(output: Iterable<XmlElement>): void;
  /** A task threw: a bug, as tasks translate the errors they expect. */
  failed(error: unknown, owner: string): void;
  /** A task holds up the others. */
  slow(slowness: Slowness, owner: string): void;
}

interface Job {
  readonly task: Task;
  readonly what: string;
  readonly substitute: Substitute | undefined;
}

interface Pending extends Omit<Job, 'task'> {
  readonly since: number;
  isTold: boolean;
}

const WORK = 'work';

/** The work of one user: in order, one piece at a time, and never without bound. */
export class Mailbox implements Worker {
  readonly #edge: MailboxEdge;
  readonly #owner: string;
  readonly #capacity: number;
  #queue: Job[] = [];
  /** Where the queue begins. */
  #head = 0;
  #isRunning = false;
  #isInLine = false;
  #pending: Pending | undefined;
  /** How much was done in which turn of the event loop. */
  #turn = -1;
  #doneInTurn = 0;
  #drained: Promise<void> | undefined;
  #resolveDrained: (() => void) | undefined;

  /** @param owner is whose work it is, for the log. */
  constructor(edge: MailboxEdge, owner: string, capacity = 10_000) {
    this.#edge = edge;
    this.#owner = owner;
    this.#capacity = capacity;
  }

  get isIdle(): boolean {
    return !this.#isBusy && this.#size === 0;
  }

  /**
   * Takes a task unless the mailbox is full; does it at once when nothing else is to be done before.
   * @param what is the kind of stanza or event, for the log.
   */
  offer(task: Task, what = WORK, substitute?: Substitute): boolean {
    if (this.#size >= this.#capacity) return false;
    this.post(task, what, substitute);
    return true;
  }

  /** Takes a task whose giver heeds {@link Mailbox.drained}. */
  post(task: Task, what = WORK, substitute?: Substitute): void {
    if (this.#isBusy || this.#size > 0 || !this.#mayGoOn()) {
      this.#queue.push({ task, what, substitute });
      if (!this.#isBusy) this.#lineUp();
      return;
    }
    this.#perform(task, what, substitute);
    if (this.#size > 0) this.takeTurn();
  }

  /** A promise for the time when the backlog is worked off; `undefined` while there is none to speak of. */
  get drained(): Promise<void> | undefined {
    if (this.#size < this.#capacity / 10) return this.#edge.turns.congestion;
    this.#drained ??= new Promise((resolve) => (this.#resolveDrained = resolve));
    return this.#drained;
  }

  takeTurn(): void {
    this.#isInLine = false;
    let left = SLICE;
    while (!this.#isBusy && left > 0 && this.#edge.turns.congestion === undefined) {
      const job = this.#next();
      if (job === undefined) break;
      left -= 1;
      this.#perform(job.task, job.what, job.substitute);
    }
    if (this.#size === 0) this.#release();
    else if (!this.#isBusy) this.#lineUp();
  }

  watch(now: number): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const { what, since, substitute } = pending;
    const durationMs = Math.round(now - since);
    const isAbandoned = durationMs >= ABANDON_MS;
    if (isAbandoned || (durationMs >= WAITING_MS && !pending.isTold)) {
      pending.isTold = true;
      this.#edge.slow({ what, durationMs, isAbandoned }, this.#owner);
    }
    if (!isAbandoned) return;
    this.#settled(pending);
    if (substitute !== undefined) this.#perform(substitute, what);
    this.takeTurn();
  }

  get #isBusy(): boolean {
    return this.#isRunning || this.#pending !== undefined;
  }

  get #size(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether there may be more in this turn of the event loop. */
  #mayGoOn(): boolean {
    const { turns } = this.#edge;
    if (this.#turn !== turns.number) {
      this.#turn = turns.number;
      this.#doneInTurn = 0;
    }
    this.#doneInTurn += 1;
    return this.#doneInTurn <= SLICE && turns.congestion === undefined;
  }

  #next(): Job | undefined {
    const job = this.#queue[this.#head];
    this.#head += 1;
    if (this.#head < this.#queue.length && this.#head < SLICE) return job;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
    return job;
  }

  #lineUp(): void {
    if (this.#isInLine) return;
    this.#isInLine = true;
    this.#edge.turns.lineUp(this);
  }

  #perform(task: Task, what: string, substitute?: Substitute): void {
    const startedAt = Date.now();
    this.#isRunning = true;
    try {
      const output = task();
      if (output instanceof Promise) this.#wait(output, what, substitute);
      else if (output !== undefined) this.#edge.write(output);
    } catch (error) {
      this.#edge.failed(error, this.#owner);
    }
    this.#isRunning = false;
    const durationMs = Date.now() - startedAt;
    if (durationMs >= SLOW_MS) {
      this.#edge.slow({ what, durationMs, isAbandoned: false }, this.#owner);
    }
  }

  #wait(output: Promise<Written>, what: string, substitute: Substitute | undefined): void {
    const pending: Pending = { what, substitute, since: performance.now(), isTold: false };
    this.#pending = pending;
    this.#edge.turns.watch(this);
    void output
      .then((stanzas) => {
        if (this.#pending === pending && stanzas !== undefined) this.#edge.write(stanzas);
      })
      .catch((error: unknown) => this.#edge.failed(error, this.#owner))
      .finally(() => {
        if (this.#pending !== pending) return;
        this.#settled(pending);
        this.takeTurn();
      });
  }

  #settled(pending: Pending): void {
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    this.#edge.turns.unwatch(this);
  }

  #release(): void {
    this.#resolveDrained?.();
    this.#drained = undefined;
    this.#resolveDrained = undefined;
  }
}
