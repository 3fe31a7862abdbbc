import { pino } from 'pino';
import { loadConfig } from '../../config/load-config.ts';
import { copyDatabase } from '../../store/copy-database.ts';
import { examineStore } from '../../store/examine-store.ts';
import { closeDatabases, openDatabases, openStore } from '../../store/store.ts';

/**
 * Copies everything from the database of one configuration into that of another, which is empty. @returns what was copied
 * @throws Error in words for the administrator
 */
export async function copy(file: string, toFile: string, env: NodeJS.ProcessEnv): Promise<string> {
  const from = await loadConfig(file, env);
  const to = await loadConfig(toFile, env);
  if (from.data !== to.data) {
    throw new Error(
      `${file} and ${toFile} have to name the same data folder: the key is there, and files`,
    );
  }
  if (from.database === to.database)
    throw new Error(`${file} and ${toFile} name the same database`);
  const { isThere, isInUse } = await examineStore({ ...from, env });
  if (!isThere)
    throw new Error(`there is nothing to copy: no gateway was ever started with ${file}`);
  if (isInUse) throw running(file);
  if (to.database === 'sqlite' && (await examineStore({ ...to, env })).isInUse) {
    throw running(toFile);
  }
  // Both are brought up to date, and made certain to go with the key.
  for (const { data, database } of [from, to]) {
    await (await openStore({ data, database, env })).close();
  }
  const log = pino({ level: 'silent' });
  const source = await openDatabases(from.data, from.database, log);
  const target = await openDatabases(to.data, to.database, log);
  try {
    const counts = await copyDatabase(source, target);
    const lines = [...counts].map(([table, count]) => `  ${table}: ${count}`);
    return [
      `Copied from ${source.name} to ${target.name}:`,
      ...lines,
      `Start with ${toFile} now.`,
    ].join('\n');
  } finally {
    await closeDatabases(source);
    await closeDatabases(target);
  }
}

const running = (file: string): Error =>
  new Error(`a gateway is running with ${file}: stop it first`);
