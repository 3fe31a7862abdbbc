import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Finding } from '../../../src/plugin/index.ts';
import { gateway as plugin } from '../../../gateways/irc/index.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';

async function tlsServer(t: TestContext, { cert, key }: Certificates): Promise<number> {
  const server = createTlsServer({ cert, key }, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function diagnose(server: object): Promise<readonly Finding[]> {
  const options = plugin.options.parse({ servers: { s: { host: '127.0.0.1', ...server } } });
  const gateway = plugin.create(options, gatewayContext());
  const signal = AbortSignal.timeout(8_000);
  return (await gateway.diagnose?.({ isRunning: false, signal })) ?? [];
}

describe('the diagnosis of IRC', () => {
  test('looks at the certificate of each server', async (t) => {
    const certificates = makeCertificates();
    const folder = mkdtempSync(join(tmpdir(), 'causeway-irc-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, certificates.ca);
    const port = await tlsServer(t, certificates);
    const about = `127.0.0.1:${port}`;
    assert.deepEqual(await diagnose({ port, ca }), [
      { verdict: 'ok', about, text: 'answers, certificate in order' },
    ]);
    const [untrusted] = await diagnose({ port });
    assert.equal(untrusted?.verdict, 'trouble');
    assert.match(untrusted?.text ?? '', /certificate/);
    const [careless] = await diagnose({ port, verify: false });
    assert.equal(careless?.verdict, 'warning');
    const expired = await tlsServer(t, makeCertificates({ expired: true }));
    const [old] = await diagnose({ port: expired });
    assert.equal(old?.verdict, 'trouble');
  });

  test('names the option of a server that does not answer, and a fallback that does', async (t) => {
    const port = await closedPort();
    const [closed] = await diagnose({ port });
    assert.equal(closed?.verdict, 'trouble');
    assert.match(closed?.advice ?? '', /options\.servers\.s\b/);
    const fallback = await tlsServer(t, makeCertificates());
    const [second] = await diagnose({
      port,
      verify: false,
      fallbacks: [{ port: fallback }],
    });
    assert.equal(second?.verdict, 'warning');
    assert.match(second?.text ?? '', new RegExp(`on its port ${fallback} it does`));
  });
});
