/** Time, so that tests can make a day pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Does something later. @returns what keeps it from being done */
  after(durationMs: number, act: () => void): () => void;
}

const LONGEST_MS = 2_147_483_647;

export const realClock: Clock = {
  now: () => Date.now(),
  after: (durationMs, act) => {
    const timer = setTimeout(act, Math.min(Math.max(durationMs, 0), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
