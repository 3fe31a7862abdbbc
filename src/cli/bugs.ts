import type { Logger } from 'pino';

/** So many within this time are no longer one user's trouble. */
const MOST = 100;
const WITHIN_MS = 60_000;

export interface Bugs {
  /** A promise that nobody waited for was rejected. */
  readonly rejected: (error: unknown) => void;
  /** Something was thrown where nobody caught it: in a timer, for instance. */
  readonly uncaught: (error: unknown) => void;
}

/**
 * What becomes of errors that nobody has caught. They are bugs, of ours or of a gateway, and end what they happened in; the
 * process, which serves others too, goes on, unless there are so many that it can be of no use to anybody.
 */
export function countBugs(log: Logger, giveUp: () => void, now: () => number): Bugs {
  let times: number[] = [];
  let count = 0;
  const tell = (error: unknown, text: string): void => {
    const at = now();
    count += 1;
    times = [...times.filter((time) => at - time < WITHIN_MS), at];
    log.error({ err: error, count }, text);
    if (times.length < MOST) return;
    log.fatal({ count: times.length }, 'too many bugs: giving up, to be started anew');
    giveUp();
  };
  return {
    rejected: (error) => tell(error, 'a promise was left alone'),
    uncaught: (error) => tell(error, 'a bug was caught at the last moment'),
  };
}
