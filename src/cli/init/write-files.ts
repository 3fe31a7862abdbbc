import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

const FOR_US_ALONE = 0o600;
const FOLDER_FOR_US_ALONE = 0o700;

/**
 * Writes files that were not there, in this order, and then looks whether they are good: all of them stay, or none.
 * @throws Error that names the file that is in the way or cannot be written; what `isGood` throws
 */
export async function writeFiles(
  files: readonly NewFile[],
  isGood: () => Promise<void>,
): Promise<void> {
  const made: (() => void)[] = [];
  // What is begun is brought to its end.
  const later = (): void => undefined;
  process.on('SIGINT', later);
  try {
    for (const { path, text } of files) {
      makeFolder(dirname(path), made);
      writeFile(path, text);
      made.push(() => rmSync(path));
    }
    await isGood();
  } catch (error) {
    for (const undo of made.toReversed()) undo();
    throw error;
  } finally {
    process.off('SIGINT', later);
  }
}

/** @throws Error that names it, when a file is there already */
export function refuseIfThere(path: string): void {
  if (existsSync(path))
    throw new Error(`${path} is there already: move it away, or name another with --config`);
}

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: FOR_US_ALONE });
  } catch (error) {
    refuseIfThere(path);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be written: ${reason}`, { cause: error });
  }
}

function makeFolder(folder: string, made: (() => void)[]): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), made);
  try {
    mkdirSync(folder, { mode: FOLDER_FOR_US_ALONE });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the folder ${folder} cannot be made: ${reason}`, { cause: error });
  }
  made.push(() => rmdirSync(folder));
}
