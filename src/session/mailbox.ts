import type { XmlElement } from '../xml/element.ts';

/** Stanzas to write, in order; `undefined` for none. */
export type Output = readonly XmlElement[] | undefined;

/** One piece of work for a user. It must not wait for anything that arrives through the same mailbox. */
export type Task = () => Output | Promise<Output>;

export interface MailboxEdge {
  write(output: readonly XmlElement[]): void;
  /** A promise for the time when what was written has gone out; `undefined` while all goes well. */
  congestion(): Promise<void> | undefined;
  /** A task threw: a bug, as tasks translate the errors they expect. */
  failed(error: unknown): void;
}

/** The work of one user: in order, one piece at a time, and never without bound. */
export class Mailbox {
  readonly #edge: MailboxEdge;
  readonly #capacity: number;
  #queue: Task[] = [];
  #isBusy = false;
  #drained: Promise<void> | undefined;
  #resolveDrained: (() => void) | undefined;

  constructor(edge: MailboxEdge, capacity = 10_000) {
    this.#edge = edge;
    this.#capacity = capacity;
  }

  get isIdle(): boolean {
    return !this.#isBusy;
  }

  /** Takes a task unless the mailbox is full; runs it at once when nothing else is under way. */
  offer(task: Task): boolean {
    if (this.#queue.length >= this.#capacity) return false;
    this.post(task);
    return true;
  }

  /** Takes a task whose giver heeds {@link Mailbox.drained}. */
  post(task: Task): void {
    if (this.#isBusy) this.#queue.push(task);
    else this.#run(task);
  }

  /** A promise for the time when the backlog is worked off; `undefined` while there is none to speak of. */
  get drained(): Promise<void> | undefined {
    if (this.#queue.length < this.#capacity / 10) return this.#edge.congestion();
    this.#drained ??= new Promise((resolve) => (this.#resolveDrained = resolve));
    return this.#drained;
  }

  #run(first: Task): void {
    this.#isBusy = true;
    let backlog: Task[] = [first];
    while (backlog.length > 0) {
      for (let index = 0; index < backlog.length; index++) {
        const task = backlog[index];
        const pending = task === undefined ? undefined : this.#perform(task);
        if (pending !== undefined) {
          this.#queue = [...backlog.slice(index + 1), ...this.#queue];
          void pending.then(() => this.#continue());
          return;
        }
      }
      backlog = this.#queue;
      this.#queue = [];
    }
    this.#isBusy = false;
    this.#resolveDrained?.();
    this.#drained = undefined;
    this.#resolveDrained = undefined;
  }

  #continue(): void {
    this.#run(() => undefined);
  }

  #perform(task: Task): Promise<void> | undefined {
    try {
      const output = task();
      if (output instanceof Promise) return this.#settle(output);
      if (output !== undefined) this.#edge.write(output);
    } catch (error) {
      this.#edge.failed(error);
    }
    return undefined;
  }

  async #settle(pending: Promise<Output>): Promise<void> {
    try {
      const output = await pending;
      if (output !== undefined) this.#edge.write(output);
    } catch (error) {
      this.#edge.failed(error);
    }
  }
}
