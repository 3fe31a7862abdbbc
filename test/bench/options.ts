import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly rounds: number;
  readonly only: readonly string[];
  readonly isQuick: boolean;
}

export const USAGE = `npm run bench -- [--only NAME[,NAME...]] [--rounds N] [--quick]`;

/** @throws Error for arguments that mean nothing */
export function readOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((value) => value.split(','));
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no "${unknown}" here: ${names.join(', ')}`);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a number from 1');
  return { rounds, only, isQuick: values.quick };
}
