import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const OTHERS = 0o077;
const VARIABLE = 'CAUSEWAY_KEY';

/**
 * The key that credentials rest under: from the environment, else from the key file, made at the first start.
 * @throws Error in words for the administrator
 */
export async function loadKey(dataFolder: string, env: NodeJS.ProcessEnv): Promise<Uint8Array> {
  const known = await readKey(dataFolder, env);
  if (known !== undefined) return known;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  return decode(await make(keyFile(dataFolder)), 'the key that was made');
}

/** The same key; `undefined` when there is none yet. @throws Error in words for the administrator */
export async function readKey(
  dataFolder: string,
  env: NodeJS.ProcessEnv,
): Promise<Uint8Array | undefined> {
  const given = env[VARIABLE];
  if (given !== undefined && given !== '') return decode(given, `the variable ${VARIABLE}`);
  const file = keyFile(dataFolder);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  if (((await stat(file)).mode & OTHERS) !== 0) {
    throw new Error(`the key file ${file} can be read by others: chmod 600 ${file}`);
  }
  return decode(text, `the key file ${file}`);
}

const keyFile = (dataFolder: string): string => join(dataFolder, 'key');

function decode(text: string, where: string): Uint8Array {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  if (key.length !== KEY_BYTES) {
    throw new Error(`${where} must hold ${KEY_BYTES} bytes in base64 or hexadecimal`);
  }
  return key;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`the key file ${file} cannot be read`, { cause: error });
  }
}

async function make(file: string): Promise<string> {
  const text = randomBytes(KEY_BYTES).toString('base64');
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return text;
}
