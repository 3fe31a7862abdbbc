/** Work in order for each name, side by side for different ones. */
export class Lanes {
  readonly #ends = new Map<string, Promise<unknown>>();

  /** Does a piece of work when what was asked before it under this name has settled. */
  run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#ends.get(name) ?? Promise.resolve();
    const result = before.then(work, work);
    const end: Promise<unknown> = result.then(
      () => this.#leave(name, end),
      () => this.#leave(name, end),
    );
    this.#ends.set(name, end);
    return result;
  }

  #leave(name: string, end: Promise<unknown>): void {
    if (this.#ends.get(name) === end) this.#ends.delete(name);
  }
}
