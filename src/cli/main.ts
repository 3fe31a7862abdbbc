import { basename, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { App } from '../app.ts';
import { countBugs } from './bugs.ts';
import { check } from './check.ts';
import { INIT_FLAGS } from './init/flags.ts';
import type { Given } from './init/flags.ts';
import { start } from './start.ts';
import { USAGE } from './usage.ts';
import { createLog } from '../log.ts';
import { VERSION } from '../version.ts';

const DEFAULT_CONFIG = './config/causeway.yaml';
const EXIT_TROUBLE = 1;
const EXIT_USAGE = 2;
const EXIT_CONFIG = 78;
const EXIT_BUG = 70;
/** As shells say of a program that Ctrl-C has ended. */
const EXIT_GIVEN_UP = 130;
const STOP_TIMEOUT_MS = 4_800;
const COMMANDS: ReadonlySet<string> = new Set(['start', 'init', 'check', 'doctor', 'copy']);

const log = createLog(process.env);

interface Arguments {
  readonly command: string;
  readonly config: string;
  readonly help: boolean;
  readonly version: boolean;
  /** Those of `init`. */
  readonly given: Given;
  readonly showsSecrets: boolean;
  /** That of `copy`. */
  readonly to: string | undefined;
}

/** `undefined` for what nobody can mean. */
function readArguments(): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string', default: DEFAULT_CONFIG },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        to: { type: 'string' },
        ...INIT_FLAGS,
      },
    });
    const [command = 'start', ...rest] = positionals;
    const { config, help, version, to, 'show-secrets': showsSecrets = false, ...others } = values;
    const given = Object.fromEntries(
      Object.entries(others).map(([name, value]) => [name, String(value)]),
    );
    const isForInit = showsSecrets || Object.keys(given).length > 0;
    if (rest.length > 0 || !COMMANDS.has(command)) return undefined;
    if (isForInit && command !== 'init') return undefined;
    if (!help && (command === 'copy') !== (to !== undefined)) return undefined;
    return { command, config, help, version, given, showsSecrets, to };
  } catch {
    return undefined;
  }
}

async function run({ command, config, help, version, to, ...rest }: Arguments): Promise<void> {
  if (help) return console.log(USAGE);
  if (version) return console.log(VERSION);
  if (command === 'check') return console.log(await check(config, process.env));
  if (command === 'init') return makeFirst(config, rest);
  if (command === 'doctor') return diagnose(config);
  if (to !== undefined) return copyAll(config, to);
  stopOnSignals(await start(config, process.env, log));
}

async function makeFirst(
  file: string,
  { given, showsSecrets }: Pick<Arguments, 'given' | 'showsSecrets'>,
): Promise<void> {
  const { init } = await import('./init/init.ts');
  const { env, stdin: input, stdout: output } = process;
  const command = calledAs(process.argv[1] ?? '');
  console.log(await init({ file, given, env, input, output, command, showsSecrets }));
}

/** By its name where it is installed, else by its file. */
function calledAs(program: string): string {
  return basename(program) === 'causeway' ? 'causeway' : `node ${relative(process.cwd(), program)}`;
}

async function diagnose(file: string): Promise<void> {
  const { doctor } = await import('./doctor/doctor.ts');
  const { text, isFine } = await doctor(file, process.env);
  // What does not answer keeps the process no longer; what was written is waited for.
  process.stdout.write(`${text}\n`, () => process.exit(isFine ? 0 : EXIT_TROUBLE));
}

async function copyAll(from: string, to: string): Promise<void> {
  const { copy } = await import('./copy/copy.ts');
  console.log(await copy(from, to, process.env));
}

/** The first signal stops in order, the second at once. */
function stopOnSignals(app: App): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What `causeway` does when it is called. */
export function main(): void {
  const bugs = countBugs(log, () => process.exit(EXIT_BUG), Date.now);
  process.on('unhandledRejection', bugs.rejected);
  process.on('uncaughtException', bugs.uncaught);

  const given = readArguments();
  if (given === undefined) {
    console.error(USAGE);
    process.exit(EXIT_USAGE);
  }
  run(given).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    const isGivenUp = error instanceof Error && error.name === 'GivenUp';
    process.exit(isGivenUp ? EXIT_GIVEN_UP : EXIT_CONFIG);
  });
}
