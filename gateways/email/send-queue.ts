/** Work on the same thing is done one after another; on different things at the same time. */
export class SendQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<Result>(on: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(on) ?? Promise.resolve();
    const now = before.then(work, work);
    const settled = now.catch(() => undefined);
    this.#last.set(on, settled);
    try {
      return await now;
    } finally {
      if (this.#last.get(on) === settled) this.#last.delete(on);
    }
  }
}
