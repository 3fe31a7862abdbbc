import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CONDITIONS: ReadonlySet<string> = new Set(['.', 'node', 'import', 'module-sync', 'default']);

/**
 * Where an npm package that is installed at one of these folders, or above, begins: what `import` from there would load.
 * `undefined` when it is not installed. `import()` itself looks only from the file that it stands in.
 * @throws Error in words for the administrator when the package says nowhere where it begins
 */
export function findPackage(name: string, folders: readonly string[]): URL | undefined {
  for (const folder of folders) {
    const from = createRequire(join(folder, 'package.json'));
    for (const place of from.resolve.paths(name) ?? []) {
      const root = join(place, name);
      if (existsSync(join(root, 'package.json'))) return entryOf(name, root);
    }
  }
  return undefined;
}

function entryOf(name: string, root: string): URL {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const exported = targetOf(field(manifest, 'exports'));
  const main = field(manifest, 'main');
  const file = exported ?? (typeof main === 'string' ? main : 'index.js');
  const path = join(root, file);
  if (!existsSync(path)) {
    throw new Error(`the package "${name}" in ${root} lacks its file ${file}: has it been built?`);
  }
  return pathToFileURL(path);
}

/** The target for `import` of the package itself (Node.js, "Packages", conditional exports). */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(targetOf).find((found) => found !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  for (const [condition, target] of Object.entries(exports)) {
    const found = CONDITIONS.has(condition) ? targetOf(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
