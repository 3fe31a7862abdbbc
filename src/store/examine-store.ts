import { join } from 'node:path';
import type { Memory } from '../plugin/index.ts';
import { CredentialBox, WrongKeyError } from './credential-box.ts';
import { readKey } from './key-file.ts';
import { memoryPlace } from './memory.ts';
import { tooNew } from './migrate.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Specimen } from './specimen.ts';
import { examineSqlite } from './sqlite/examine.ts';
import { KEY_CHECK, wrongKeyText } from './store.ts';
import type { StoreOptions } from './store.ts';

/** What there is in the data folder and the database. */
export interface StoreState {
  /** There was a start before. */
  readonly isThere: boolean;
  /** A gateway serves with it. */
  readonly isInUse: boolean;
  /** What a gateway keeps for itself; nothing of it can be changed. */
  readonly memoryOf: (gateway: string) => Memory;
}

/**
 * Looks at the database and the key, without making or changing either: also while a gateway serves with them.
 * @throws Error in words for the administrator
 */
export async function examineStore({
  data,
  database = 'sqlite',
  env,
}: Pick<StoreOptions, 'data' | 'database' | 'env'>): Promise<StoreState> {
  const key = await readKey(data, env);
  const specimen = await specimenOf(data, database);
  if (specimen === undefined) return { isThere: false, isInUse: false, memoryOf: () => EMPTY };
  const { name, isInUse } = specimen;
  if (key === undefined) {
    throw new Error(
      `the key file ${join(data, 'key')} is missing, and nothing in ${name} can be read without it: bring it back, or set CAUSEWAY_KEY`,
    );
  }
  const box = new CredentialBox(key);
  await checkVersion(specimen);
  await checkKey(specimen, box);
  return {
    isThere: true,
    isInUse,
    memoryOf: (gateway) => ({
      ...EMPTY,
      get: async (what) => {
        const value = await specimen.memory(gateway, what);
        return value && box.open(value, memoryPlace(gateway, '', what));
      },
    }),
  };
}

/** Nothing is kept, and nothing can be. */
const EMPTY: Memory = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

async function specimenOf(data: string, database: string): Promise<Specimen | undefined> {
  if (database === 'sqlite') return examineSqlite(data);
  const { examinePostgres } = await import('./postgres/examine.ts');
  return examinePostgres(database);
}

/** An older one is brought up to date by the next start. */
async function checkVersion(specimen: Specimen): Promise<void> {
  const names = await specimen.migrations();
  if (names.some((name) => !Object.hasOwn(MIGRATIONS, name)))
    throw new Error(tooNew(specimen.name));
}

async function checkKey(specimen: Specimen, box: CredentialBox): Promise<void> {
  const value = await specimen.meta(KEY_CHECK);
  if (value === undefined) return;
  try {
    box.open(value, KEY_CHECK);
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    throw new Error(wrongKeyText(specimen.name), { cause: error });
  }
}
