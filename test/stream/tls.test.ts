import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createServer } from 'node:tls';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { ComponentStream } from '../../src/stream/component-stream.ts';
import { makeCertificates } from '../harness/certificates.ts';
import { Peer } from './component-listener.ts';

test('C15: attaches over TLS to a server whose certificate is good, and to no other', async (context) => {
  const { ca, cert, key } = makeCertificates();
  const greetings: string[] = [];
  const server = createServer({ cert, key }, (socket) => {
    const peer = new Peer(socket);
    socket.on('error', () => undefined);
    void peer.attach().then(
      () => greetings.push(peer.received),
      () => undefined,
    );
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'causeway-tls-'));
  context.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const authority = join(folder, 'ca.pem');
  writeFileSync(authority, ca);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'test/stream/attach-once.ts', String(port)],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority }, timeout: 20_000 },
  );
  assert.equal(stdout, 'attached\n');
  assert.equal(greetings.length, 1);

  let log = '';
  const logged = new Promise<void>((resolve) => {
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        log += chunk.toString();
        callback();
        resolve();
      },
    });
    const stranger = new ComponentStream(
      {
        host: '127.0.0.1',
        port,
        tls: true,
        domain: 'irc.localhost',
        secret: 'sesame',
        log: pino({ level: 'info' }, sink),
      },
      {
        attached: () => assert.fail('attached to a stranger'),
        stanza: () => undefined,
        oversized: () => undefined,
        detached: () => undefined,
      },
    );
    context.after(() => stranger.stop());
    stranger.start();
  });
  await logged;
  assert.match(log, /no TLS connection: check jabber\.tls and the certificate/);
  assert.equal(greetings.length, 1);
});
