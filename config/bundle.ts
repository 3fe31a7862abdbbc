import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import * as z from 'zod';

/*
 * Puts what the program needs from its start into a few files: to find and read some five hundred small ones, most of them of
 * libraries, took most of the time until the gateway was attached. Libraries that are loaded when something needs them
 * stay where they are, as those do that are not JavaScript alone.
 */
const EAGER = ['kysely', 'pino', 'yaml', 'zod'];

const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts', 'src/plugin/index.ts'],
  outbase: '.',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: Object.keys(dependencies).filter((name) => !EAGER.includes(name)),
  // What pino and others ask for by require().
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
