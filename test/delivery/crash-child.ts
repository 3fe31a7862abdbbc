/** The whole gateway with the network of files, in a process of its own that a test may kill at any moment. */
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { gateway } from './file-network.ts';

const [, , file = ''] = process.argv;
const config = await loadConfig(file, {});
await startApp({
  config,
  log: pino({ level: 'warn' }, pino.destination(2)),
  env: {},
  load: () => Promise.resolve(gateway),
});
