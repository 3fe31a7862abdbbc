import { parseArgs } from 'node:util';

/**
 * `npm run fuzz -- --seed N --seconds S`: all fuzz tests for longer, S seconds each; `--only stream-parser` for one.
 * `FUZZ_LOG=info` shows what is logged.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 0x1_0000_0000)) },
    seconds: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
});
const FILES = ['stream-parser', 'stanzas', 'irc-lines', 'mails'];
process.env['FUZZ_SEED'] = values.seed;
process.env['FUZZ_SECONDS'] = values.seconds;
process.stdout.write(`seed ${values.seed}, ${values.seconds} s for each\n`);
for (const file of FILES) {
  if (values.only === undefined || values.only === file) await import(`./${file}.test.ts`);
}
