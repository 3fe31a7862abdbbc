import * as z from 'zod';
import type { Memory } from '../../src/plugin/index.ts';
import { LONGEST_CERTIFICATE } from './own-certificate.ts';

const LONGEST = 1_023;
const MOST_COMMANDS = 20;

const text = z.string().min(1).max(LONGEST).optional();

const preferences = z.object({
  nick: text,
  userName: text,
  realName: text,
  serverPassword: text,
  account: text,
  password: text,
  /** Lines to send after the welcome. */
  commands: z.array(z.string().min(1).max(LONGEST)).max(MOST_COMMANDS).optional(),
  charset: text,
  /** What the user shows to the server: a certificate and its key (PEM). */
  certificate: z.string().min(1).max(LONGEST_CERTIFICATE).optional(),
});

/** What a user has set for one server. */
export type Preferences = z.output<typeof preferences>;

const keyOf = (server: string): string => `server ${server}`;

/** @param names are those of the server: what is kept under the first goes before what is kept under another. */
export async function loadPreferences(
  memory: Memory,
  names: readonly string[],
): Promise<Preferences> {
  for (const name of names) {
    const kept = await memory.get(keyOf(name));
    if (kept === undefined) continue;
    const decoded = preferences.safeParse(JSON.parse(kept));
    return decoded.success ? decoded.data : {};
  }
  return {};
}

export async function savePreferences(
  memory: Memory,
  [name = '', ...others]: readonly string[],
  values: Preferences,
): Promise<void> {
  const isEmpty = Object.values(values).every((value) => value === undefined);
  if (isEmpty) await memory.delete(keyOf(name));
  else await memory.set(keyOf(name), JSON.stringify(preferences.parse(values)));
  for (const other of others) await memory.delete(keyOf(other));
}

/** Lines as somebody wrote them, without empty ones. */
export function commandsIn(lines: string | undefined): readonly string[] {
  return (lines ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, MOST_COMMANDS);
}
