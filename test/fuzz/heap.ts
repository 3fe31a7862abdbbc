import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The size of the heap without what nobody needs any more, in MiB. */
export function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}
