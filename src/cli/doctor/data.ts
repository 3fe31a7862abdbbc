import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../plugin/index.ts';
import { examineStore } from '../../store/examine-store.ts';
import type { StoreState } from '../../store/examine-store.ts';
import { DATABASE_FILE } from '../../store/sqlite/open.ts';

const LITTLE_BYTES = 200_000_000;
const OTHERS = 0o077;

export interface DataState {
  readonly findings: readonly Finding[];
  /** Absent when it cannot be looked at. */
  readonly store: StoreState | undefined;
}

/** The data folder, and the database and key in it. Nothing is made that is not there. */
export async function examineData(
  { data, database }: Pick<Config, 'data' | 'database'>,
  env: NodeJS.ProcessEnv,
): Promise<DataState> {
  const folder = await examineFolder(data);
  try {
    const store = await examineStore({ data, database, env });
    const found = [{ about: 'database', ...storeFinding(store) }, ...(await examineModes(data))];
    return { findings: [...folder, ...found], store };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return {
      findings: [...folder, { verdict: 'trouble', about: 'database', text }],
      store: undefined,
    };
  }
}

/** Who writes to whom is not encrypted. */
async function examineModes(data: string): Promise<readonly Finding[]> {
  const file = join(data, DATABASE_FILE);
  const isOpen = async (path: string): Promise<boolean> =>
    (((await stat(path).catch(() => undefined))?.mode ?? 0) & OTHERS) !== 0;
  if (!(await isOpen(data)) || !(await isOpen(file))) return [];
  const text = `${file} can be read by others on this machine`;
  return [{ verdict: 'warning', about: 'database', text, advice: `chmod 600 ${file}*` }];
}

function storeFinding({ isThere, isInUse }: StoreState): Omit<Finding, 'about'> {
  if (!isThere) return { verdict: 'ok', text: 'is made at the first start' };
  if (isInUse) return { verdict: 'ok', text: 'in order, and a gateway is running on it' };
  return { verdict: 'ok', text: 'in order, and no gateway is running on it' };
}

async function examineFolder(data: string): Promise<readonly Finding[]> {
  const about = 'data folder';
  const existing = await nearest(data);
  const { uid } = await stat(existing);
  try {
    await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const text = `${existing} cannot be written`;
    const advice = 'give it to the user that the gateway runs as';
    return [{ verdict: 'trouble', about, text, advice }];
  }
  const text = existing === data ? data : `${data} is made at the first start`;
  return [
    { verdict: 'ok', about, text },
    ...(existing === data ? ownership(data, uid) : []),
    ...(await space(existing)),
  ];
}

/** The folder itself, or what is there of the way to it. */
async function nearest(folder: string): Promise<string> {
  try {
    await stat(folder);
    return folder;
  } catch {
    const parent = dirname(folder);
    return parent === folder ? folder : nearest(parent);
  }
}

function ownership(folder: string, uid: number): readonly Finding[] {
  const own = process.getuid?.() ?? uid;
  if (own === uid) return [];
  const text = `${folder} belongs to the user ${uid}, and this is ${own}`;
  const advice = 'run this as the user that the gateway runs as';
  return [{ verdict: 'warning', about: 'data folder', text, advice }];
}

async function space(folder: string): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(folder);
  const bytes = bavail * bsize;
  if (bytes >= LITTLE_BYTES) return [];
  const text = `only ${Math.floor(bytes / 1_000_000)} MB are free there`;
  return [{ verdict: 'warning', about: 'data folder', text, advice: 'make room' }];
}
