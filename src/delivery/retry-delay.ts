const FIRST_MS = 2_000;
const LAST_MS = 900_000;

/**
 * How long to wait before a message is tried again: longer each time, and not for all at the same moment.
 * @param failures how often it was tried in vain
 * @param askedMs what the network asks for
 * @returns whole milliseconds
 */
export function retryDelay(
  failures: number,
  askedMs: number | undefined,
  random: () => number,
): number {
  const ownMs = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 20), LAST_MS);
  const delayMs =
    askedMs === undefined ? ownMs * (0.5 + random()) : Math.max(askedMs * (1 + random() / 10), 0);
  return Math.round(delayMs);
}
