import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { ConfigError, pathText } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import type { Config } from './config.ts';
import { configSchema } from './schema.ts';
import { substitute } from './secret-values.ts';
import { problemsOf } from './zod-problems.ts';

type Path = readonly (string | number)[];

/**
 * Reads a configuration file.
 * @throws ConfigError with all that is wrong, each with path and line
 */
export async function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const lines = new LineCounter();
  const document = parseDocument(await readText(file), { lineCounter: lines, merge: true });
  const at = (path: Path, text: string): ConfigProblem => ({
    path: pathText(path),
    line: lineOf(document, lines, path),
    text,
  });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map((error) => ({
        path: '',
        line: error.linePos?.[0].line,
        text: error.message.split('\n', 1)[0] ?? 'not valid YAML',
      })),
    );
  }
  const { value, problems, warnings } = substitute(document.toJS() ?? {}, file, env);
  const decoded = configSchema.safeParse(value);
  const found = problems.map(({ path, text }) => at(path, text));
  if (!decoded.success) {
    for (const { path, text } of problemsOf(decoded.error, configSchema)) {
      // A secret that could not be read has been told already.
      if (!problems.some((known) => pathText(known.path) === pathText(path))) {
        found.push(at(path, text));
      }
    }
  }
  const domains = decoded.data?.gateways.map(({ domain }) => domain) ?? [];
  domains.forEach((domain, index) => {
    if (domains.indexOf(domain) === index) return;
    found.push(at(['gateways', index, 'domain'], 'another gateway has this domain already'));
  });
  if (found.length > 0 || !decoded.success) throw new ConfigError(file, found);
  return {
    ...decoded.data,
    data: resolve(dirname(file), decoded.data.data),
    file,
    warnings,
    problemAt: (path, text) => new ConfigError(file, [at(path, text)]),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    const text =
      'cannot be read: make one with `causeway init`, copy config/causeway.example.yaml there, or name another with --config';
    throw new ConfigError(file, [{ path: '', line: undefined, text }]);
  }
}

/** The line of the deepest part of a path that is in the file. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(path[length - 1]),
      );
      const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    const node = document.getIn(path.slice(0, length), true);
    if (hasRange(node)) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
