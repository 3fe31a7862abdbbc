import { Random } from './random.ts';

/** Set by `npm run fuzz`; without them a run is short and always the same. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const SECONDS = process.env['FUZZ_SECONDS'];

/**
 * Runs rounds, each with a seed of its own: so many, or for the time that `npm run fuzz` gives.
 * @throws Error that names the seed with which the failing round is the first one
 */
export async function rounds(
  count: number,
  round: (random: Random, index: number) => void | Promise<void>,
): Promise<number> {
  const end = SECONDS === undefined ? undefined : performance.now() + Number(SECONDS) * 1_000;
  for (let index = 0; end === undefined ? index < count : performance.now() < end; index++) {
    const seed = (SEED + index) >>> 0;
    try {
      await round(new Random(seed), index);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`again with: npm run fuzz -- --seed ${seed}\n${reason}`, { cause: error });
    }
  }
  return SEED;
}
