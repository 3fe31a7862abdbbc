import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Substitution {
  readonly value: unknown;
  readonly problems: readonly {
    readonly path: readonly (string | number)[];
    readonly text: string;
  }[];
  readonly warnings: readonly string[];
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const WORLD_READABLE = 0o004;

/** Puts environment variables in for `${NAME}`, and the contents of files for `{ file: path }`. */
export function substitute(value: unknown, file: string, env: NodeJS.ProcessEnv): Substitution {
  const problems: { path: readonly (string | number)[]; text: string }[] = [];
  const warnings: string[] = [];
  const folder = dirname(file);

  function visit(node: unknown, path: readonly (string | number)[]): unknown {
    if (typeof node === 'string') return expand(node, path);
    if (Array.isArray(node)) return node.map((item, index) => visit(item, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node);
    const [only] = entries;
    if (entries.length === 1 && only?.[0] === 'file' && typeof only[1] === 'string') {
      return readSecret(resolve(folder, expand(only[1], path)), path);
    }
    return Object.fromEntries(entries.map(([key, child]) => [key, visit(child, [...path, key])]));
  }

  function expand(text: string, path: readonly (string | number)[]): string {
    return text.replace(VARIABLE, (_, name: string) => {
      const found = env[name];
      if (found === undefined || found === '') {
        problems.push({ path, text: `the environment variable ${name} is not set` });
      }
      return found ?? '';
    });
  }

  function readSecret(secretFile: string, path: readonly (string | number)[]): string {
    try {
      const secret = readFileSync(secretFile, 'utf8').replace(/\r?\n$/, '');
      if (secret === '') problems.push({ path, text: `the file ${secretFile} is empty` });
      if ((statSync(secretFile).mode & WORLD_READABLE) !== 0) {
        warnings.push(`${secretFile} can be read by everybody: chmod 600 it`);
      }
      return secret;
    } catch {
      problems.push({ path, text: `the file ${secretFile} cannot be read` });
      return 'unreadable';
    }
  }

  return { value: visit(value, []), problems, warnings };
}
