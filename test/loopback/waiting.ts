import { NetworkError } from 'causeway/plugin';

const RECONNECTION_MS = 10_000;

/** Calls of one session that cannot go on yet. */
export class Waiting {
  readonly #settlers = new Set<(error?: NetworkError) => void>();

  /** Lets all go on, or fail. */
  settle(error?: NetworkError): void {
    const settlers = [...this.#settlers];
    this.#settlers.clear();
    for (const settle of settlers) settle(error);
  }

  /** Resolves when the session is connected. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: NetworkError): void => {
        clearTimeout(timer);
        this.#settlers.delete(settle);
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setTimeout(() => settle(gone()), RECONNECTION_MS);
      this.#settlers.add(settle);
    });
  }

  /** Resolves with a promise that a test settles; fails when the session is lost meanwhile. */
  held(gate: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error = gone()): void => reject(error);
      this.#settlers.add(settle);
      gate.then(resolve, reject).finally(() => this.#settlers.delete(settle));
    });
  }
}

export const gone = (): NetworkError => new NetworkError('unreachable', 'You are not connected.');
