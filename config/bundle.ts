import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import * as z from 'zod';
import * as plugin from '../src/plugin/index.ts';

/*
 * Puts the program and what it needs from its start into one file, and what V8 makes of it beside it: to find, read and compile some
 * five hundred small modules, most of them of libraries, took most of the time until the gateway was attached. Libraries
 * that are loaded when something needs them stay where they are, as those do that are not JavaScript alone.
 */
const EAGER = ['kysely', 'pino', 'yaml', 'zod'];

const { dependencies, scripts } = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    scripts: z.object({ start: z.string() }),
  })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
};

/** Commands that a start does not need, each in a file of its own beside the program. */
const COMMANDS = {
  copy: 'src/cli/copy/copy.ts',
  doctor: 'src/cli/doctor/doctor.ts',
  init: 'src/cli/init/init.ts',
};

rmSync('dist', { recursive: true, force: true });
await build({
  ...COMMON,
  entryPoints: { program: 'config/launch/program.ts' },
  outdir: 'dist/launch',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  external: Object.keys(dependencies).filter((name) => !EAGER.includes(name)),
  define: { 'import.meta.url': 'bundleUrl' },
  // See `launch/load.ts`.
  banner: { js: '(function (module, require, bundleUrl, obtain) {' },
  footer: { js: '})' },
  // The text of the program stays in memory; lines are kept short for the sake of stack traces.
  minifyWhitespace: true,
  lineLimit: 120,
  plugins: [
    {
      name: 'commands',
      setup: (builder) => {
        builder.onResolve({ filter: /^\.\/(copy|doctor|init)\// }, ({ path, kind }) =>
          kind === 'dynamic-import'
            ? { path: `./${basename(path, '.ts')}.mjs`, external: true }
            : undefined,
        );
      },
    },
  ],
});

// What V8 has compiled before knows nothing of a way to import: the loader does it. A name of the same length, for the sake of the map.
const PROGRAM = 'dist/launch/program.cjs';
writeFileSync(PROGRAM, readFileSync(PROGRAM, 'latin1').replace(/\bimport\(/g, 'obtain('), 'latin1');

await build({
  ...COMMON,
  entryPoints: COMMANDS,
  outdir: 'dist/launch',
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  splitting: true,
  format: 'esm',
  external: Object.keys(dependencies),
});

// What starts it is CommonJS, as the loader of modules takes a sixth of a start; it is got ready when something is imported.
await build({
  ...COMMON,
  entryPoints: {
    'src/main': 'config/launch/main.ts',
    'launch/load': 'config/launch/load.ts',
    'launch/warm': 'config/launch/warm.ts',
  },
  outdir: 'dist',
  format: 'cjs',
  define: { 'import.meta.url': 'launchUrl' },
  banner: { js: "const launchUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [
    {
      // One for all of them, so that there is one program.
      name: 'load',
      setup: (builder) => {
        builder.onResolve({ filter: /^\.\/load\.ts$/ }, () => ({
          path: '../launch/load.js',
          external: true,
        }));
      },
    },
  ],
});

// A gateway of a third party gets the classes that the program has.
const names = Object.keys(plugin).join(', ');
mkdirSync('dist/src/plugin', { recursive: true });
writeFileSync(
  'dist/src/plugin/index.js',
  `import load from '../../launch/load.js';\nexport const { ${names} } = load.program.plugin;\n`,
);
for (const [folder, type] of [
  ['launch', 'commonjs'],
  ['src', 'commonjs'],
  ['src/plugin', 'module'],
]) {
  writeFileSync(`dist/${folder}/package.json`, `${JSON.stringify({ type })}\n`);
}

// Another version or other flags of V8 make nothing of it and compile by themselves.
const flags = scripts.start.match(/--\S+/g) ?? [];
const warm = spawnSync(
  process.execPath,
  [...flags, 'dist/launch/warm.js', 'dist/launch/program.cjs.cache'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
if (warm.status !== 0) throw new Error('what V8 compiles at the start could not be kept');
rmSync('dist/launch/warm.js');
rmSync('dist/launch/warm.js.map');
