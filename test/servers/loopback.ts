/**
 * The gateways of the loopback network as a process of its own: `loopback.ts CONFIG PORT`. What the network is to do is
 * posted to the port, one deed at a time: `{ "do": "emit", "user": "alice", "event": { "kind": "contact-list", ... } }`.
 */
import { createServer } from 'node:http';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Event, NetworkErrorKind } from '../../src/plugin/index.ts';
import type { Call, Method } from '../loopback/calls.ts';
import { gatewayOn, LoopbackNetwork } from '../loopback/index.ts';
import { fileOf } from '../loopback/network.ts';
import type { Extras } from '../loopback/network.ts';

/** What the scenarios can have done, which are ours as well: nothing else speaks to this port. */
type Deed =
  | { readonly do: 'emit'; readonly user: string; readonly event: Event }
  | { readonly do: 'meet'; readonly name: string }
  | ({ readonly do: 'tell' | 'keep' | 'send file'; readonly user: string } & Said)
  | { readonly do: 'set password'; readonly name: string; readonly password: string }
  | {
      readonly do: 'refuse';
      readonly method: Method;
      readonly kind: NetworkErrorKind;
      readonly text: string;
    }
  | { readonly do: 'slow' | 'release'; readonly method: Method }
  | { readonly do: 'calls'; readonly user: string }
  | { readonly do: 'heard'; readonly name: string };

interface Said {
  readonly from: string;
  readonly text: string;
  readonly extras?: Extras;
}

const [config = '', port = ''] = process.argv.slice(2);
const log = pino();
const network = new LoopbackNetwork();
const releases = new Map<Method, () => void>();
const app = await startApp({
  config: await loadConfig(config, {}),
  log,
  env: {},
  load: () => Promise.resolve(gatewayOn(network)),
});

/** @returns what the scenario is told of it */
function perform(deed: Deed): unknown {
  switch (deed.do) {
    case 'emit':
      return network.emit(deed.user, deed.event);
    case 'meet':
      return network.meet(deed.name);
    case 'tell':
      return network.tell(deed.user, deed.from, deed.text, deed.extras);
    case 'keep':
      return network.keep(deed.user, deed.from, deed.text);
    case 'send file':
      return network.tell(deed.user, deed.from, '', {
        files: [fileOf('note.txt', 'text/plain', deed.text)],
      });
    case 'set password':
      return void network.passwords.set(deed.name, deed.password);
    case 'refuse':
      return network.refuseNext(deed.method, new NetworkError(deed.kind, deed.text));
    case 'slow':
      return void releases.set(deed.method, network.slow(deed.method));
    case 'release':
      return releases.get(deed.method)?.();
    case 'calls':
      return network.calls.recorded.filter(({ user }) => user === deed.user).map(shown);
    case 'heard':
      return network.heard(deed.name);
  }
}

const shown = ({ method, args }: Call): unknown => ({ method, args });

const control = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (part: string) => (text += part));
  request.on('end', () => {
    try {
      const told = perform(JSON.parse(text) as Deed) ?? null;
      response.writeHead(200).end(JSON.stringify(told));
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
