import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Gateway, Surroundings } from './gateway.ts';
import { SERVER } from './names.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The generator is one user who sends as thousands do. */
const UNLIMITED = 'limits: { stanzasPerSecond: 1000000, stanzaBurst: 1000000 }';

/** Ours, as `npm run build` has left it. @param database gives the address of a new one; without it they are of SQLite */
export function causeway(database?: () => string): Gateway {
  const { version, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    scripts: { start: string };
  };
  const flags = scripts.start.match(/--\S+/g) ?? [];
  return {
    name: 'causeway',
    version,
    prepare: (around) => {
      const file = join(around.folder, 'causeway.yaml');
      mkdirSync(join(around.folder, 'data'));
      const place = database === undefined ? '' : `database: ${database()}\n`;
      writeFileSync(file, place + (around.configuration ?? configuration(around)));
      return {
        command: process.execPath,
        args: [...flags, join(ROOT, 'dist/src/main.js'), '--config', file],
      };
    },
  };
}

function configuration(around: Surroundings): string {
  const { domain, secret, componentPort, ircPort, ca, archive } = around;
  return [
    `jabber: { host: 127.0.0.1, port: ${componentPort} }`,
    'data: ./data',
    `archive: { rooms: ${archive} }`,
    ...(around.limits === 'default' ? [] : [UNLIMITED]),
    'gateways:',
    '  - use: irc',
    `    domain: ${domain}`,
    `    secret: ${secret}`,
    '    options:',
    '      throttle: { burst: 1000000, perSecond: 1000000 }',
    '      servers:',
    `        ${SERVER}: { host: 127.0.0.1, port: ${ircPort}, tls: ${ca !== undefined}${ca === undefined ? '' : `, ca: '${ca}', verify: false`} }`,
    '',
  ].join('\n');
}
