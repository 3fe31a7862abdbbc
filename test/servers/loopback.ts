/**
 * The gateway of the loopback network as a process of its own: `loopback.ts CONFIG PORT`. What the network is to tell is
 * posted to the port: `{ "user": "alice", "event": { "kind": "contact-list", ... } }`.
 */
import { createServer } from 'node:http';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Event } from '../../src/plugin/index.ts';
import { gatewayOn, LoopbackNetwork } from '../loopback/index.ts';

const [config = '', port = ''] = process.argv.slice(2);
const log = pino();
const network = new LoopbackNetwork();
const app = await startApp({
  config: await loadConfig(config, {}),
  log,
  env: {},
  load: () => Promise.resolve(gatewayOn(network)),
});

const control = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (part: string) => (text += part));
  request.on('end', () => {
    try {
      // The scenarios write what the border describes.
      const { user, event } = JSON.parse(text) as { readonly user: string; readonly event: Event };
      network.emit(user, event);
      response.writeHead(204).end();
    } catch (error) {
      response.writeHead(409).end(error instanceof Error ? error.message : 'failed');
    }
  });
});
control.listen(Number(port), '127.0.0.1');

process.once('SIGTERM', () => {
  control.close();
  app.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'could not stop');
      process.exit(1);
    },
  );
});
