import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The size of the heap without what nobody needs any more, in MiB. */
export function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}

/** Whether at the end more is needed, at the least, than was in the middle. What a warm process needs once is there by then. */
export function isGrowing(heaps: readonly number[]): boolean {
  const third = Math.floor(heaps.length / 3);
  if (third === 0) return false;
  const before = Math.min(...heaps.slice(third, 2 * third));
  return Math.min(...heaps.slice(-third)) > before * 1.2 + 10;
}
