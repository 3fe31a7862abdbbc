import { pino } from 'pino';
import type { Logger, LoggerOptions } from 'pino';

const SECRET_NAMES = ['secret', 'password', 'token', 'authToken', 'handshake', 'authorization'];
const REDACTED = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export const LOG_OPTIONS: LoggerOptions = {
  level: 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
  redact: { paths: REDACTED, censor: '[redacted]' },
};

const STDOUT = 1;

/** Writes JSON lines to standard output. `CAUSEWAY_LOG` sets the level: error, warn, info, debug or trace. */
export function createLog(env: NodeJS.ProcessEnv): Logger {
  // Its number alone: the stream that Node has for it takes a fiftieth of the start to make.
  return pino({ ...LOG_OPTIONS, level: env['CAUSEWAY_LOG'] ?? 'info' }, pino.destination(STDOUT));
}
