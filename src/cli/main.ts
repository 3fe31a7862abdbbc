import { parseArgs } from 'node:util';
import type { App } from '../app.ts';
import { countBugs } from './bugs.ts';
import { check } from './check.ts';
import { start } from './start.ts';
import { USAGE } from './usage.ts';
import { createLog } from '../log.ts';
import { VERSION } from '../version.ts';

const DEFAULT_CONFIG = './config/causeway.yaml';
const EXIT_USAGE = 2;
const EXIT_CONFIG = 78;
const EXIT_BUG = 70;
const STOP_TIMEOUT_MS = 4_800;

const log = createLog(process.env);

interface Arguments {
  readonly command: string;
  readonly config: string;
  readonly help: boolean;
  readonly version: boolean;
}

function readArguments(): Arguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string', default: DEFAULT_CONFIG },
        help: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    const [command = 'start', ...rest] = positionals;
    return rest.length > 0 ? undefined : { command, ...values };
  } catch {
    return undefined;
  }
}

async function run({ command, config, help, version }: Arguments): Promise<void> {
  if (help) return console.log(USAGE);
  if (version) return console.log(VERSION);
  if (command === 'check') return console.log(await check(config, process.env));
  stopOnSignals(await start(config, process.env, log));
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
  if (given === undefined || !['start', 'check'].includes(given.command)) {
    console.error(USAGE);
    process.exit(EXIT_USAGE);
  }
  run(given).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(EXIT_CONFIG);
  });
}
