import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeCache, program } from './load.ts';

/*
 * Starts the program beside the smallest of Jabber servers and keeps what was compiled until it was attached, in the file that is
 * named. A part of the build.
 */
const [, , target = ''] = process.argv;
const SETTLE_MS = 300;
const TIMEOUT_MS = 60_000;
const OPENING =
  "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='irc.localhost' id='1'>";

const folder = mkdtempSync(join(tmpdir(), 'causeway-build-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
setTimeout(() => process.exit(1), TIMEOUT_MS);

const server = createServer((socket) => {
  let text = '';
  socket.on('error', () => undefined);
  socket.once('data', () => socket.write(OPENING));
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    if (!text.includes('</handshake>')) return;
    text = '';
    socket.write('<handshake/>');
    setTimeout(() => {
      writeFileSync(target, codeCache());
      process.exit(0);
    }, SETTLE_MS);
  });
});
server.listen(0, '127.0.0.1', () => {
  const file = join(folder, 'causeway.yaml');
  const { port } = server.address() as AddressInfo;
  const lines = [
    `jabber: { host: 127.0.0.1, port: ${port} }`,
    'data: ./data',
    'gateways:',
    '  - use: irc',
    '    domain: irc.localhost',
    '    secret: none',
    '    options: { servers: { localhost: { host: 127.0.0.1, port: 6667, tls: false } } }',
  ];
  writeFileSync(file, lines.join('\n'));
  process.argv.splice(2, Infinity, 'start', '--config', file);
  program.main();
});
