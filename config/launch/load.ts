import '../../src/heap.ts';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type * as Program from './program.ts';

/** What the bundle is: one expression. See its banner in `bundle.ts`. */
type Bundle = (
  module: { exports: typeof Program | undefined },
  require: NodeJS.Require,
  url: string,
  obtain: (specifier: string) => Promise<unknown>,
) => void;

const url = new URL('./program.cjs', import.meta.url).href;
const filename = fileURLToPath(url);
const cache = `${filename}.cache`;

/*
 * The program, compiled already where V8 is the one that wrote the cache and has the same flags; V8 looks at that itself. One
 * byte is one character: the bundle is ASCII.
 */
const script = new Script(readFileSync(filename, 'latin1'), {
  filename,
  ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
});

export const program = run();

/** What V8 has compiled until now, for the next start. */
export function codeCache(): Buffer {
  return script.createCachedData();
}

function run(): typeof Program {
  const bundle = script.runInThisContext() as Bundle;
  const module: Parameters<Bundle>[0] = { exports: undefined };
  bundle(module, createRequire(url), url, (specifier) => import(specifier));
  if (module.exports === undefined) throw new Error(`${filename} is not the program`);
  return module.exports;
}
