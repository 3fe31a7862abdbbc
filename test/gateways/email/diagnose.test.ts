import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer, createSecureContext, TLSSocket } from 'node:tls';
import type { Finding, Gateway } from '../../../src/plugin/index.ts';
import { gateway as plugin } from '../../../gateways/email/index.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { startDnsServer } from '../../harness/dns-server.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { startMailServer } from '../../harness/mail-server.ts';

const DOMAIN = 'chat.example.org';

/** An SMTP or IMAP server that speaks as far as the greeting, or as far as TLS. */
async function mailServer(
  t: TestContext,
  { cert, key }: Certificates,
  how: 'imap-tls' | 'smtp-starttls' | 'smtp-without',
): Promise<number> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    if (how === 'imap-tls') return void socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    socket.write('220-welcome\r\n220 mail ready\r\n');
    socket.on('data', (chunk: Buffer) => {
      const line = chunk.toString();
      if (/^EHLO /i.test(line)) socket.write('250-mail\r\n250 STARTTLS\r\n');
      if (!/^STARTTLS/i.test(line)) return;
      if (how === 'smtp-without') return void socket.write('454 4.7.0 TLS not available\r\n');
      socket.removeAllListeners('data');
      socket.write('220 2.0.0 go ahead\r\n');
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext({ cert, key }),
      });
      secure.on('error', () => socket.destroy());
    });
  };
  const server = how === 'imap-tls' ? createTlsServer({ cert, key }, serve) : createServer(serve);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-mail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file.pem');
  writeFileSync(file, text);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const make = (options: unknown): Gateway =>
  plugin.create(plugin.options.parse(options), gatewayContext());

async function diagnose(gateway: Gateway, isRunning = false): Promise<readonly Finding[]> {
  const found = await gateway.diagnose?.({ isRunning, signal: AbortSignal.timeout(8_000) });
  return found ?? [];
}

const find = (found: readonly Finding[], about: string): string => {
  const finding = found.find((each) => each.about === about);
  return `${finding?.verdict} ${finding?.text}`;
};

describe('the diagnosis of e-mail', () => {
  test('looks at the certificates of mail servers, after STARTTLS too', async (t) => {
    const certificates = makeCertificates();
    const ca = fileOf(t, certificates.ca);
    const host = '127.0.0.1';
    const imap = { host, port: await mailServer(t, certificates, 'imap-tls') };
    const smtp = {
      host,
      port: await mailServer(t, certificates, 'smtp-starttls'),
      security: 'starttls',
    };
    const trusting = make({
      providers: [{ domain: 'example.org', imap: { ...imap, ca }, smtp: { ...smtp, ca } }],
    });
    const fine = await diagnose(trusting);
    assert.equal(find(fine, `${host}:${imap.port}`), 'ok IMAP answers, certificate in order');
    assert.equal(find(fine, `${host}:${smtp.port}`), 'ok SMTP answers, certificate in order');

    const doubting = make({ providers: [{ domain: 'example.org', imap, smtp }] });
    for (const finding of await diagnose(doubting)) {
      assert.equal(finding.verdict, 'trouble');
      assert.match(finding.text, /certificate is not trusted \(/);
    }
  });

  test('says what a mail server is wrong about', async (t) => {
    const host = '127.0.0.1';
    const refusing = await mailServer(t, makeCertificates(), 'smtp-without');
    const smtp = { host, port: refusing, security: 'starttls' };
    const imap = { host, port: await freePort() };
    const found = await diagnose(make({ providers: [{ domain: 'example.org', imap, smtp }] }));
    assert.match(find(found, `${host}:${refusing}`), /^trouble SMTP: it says: 454 4\.7\.0 TLS not/);
    assert.equal(find(found, `${host}:${imap.port}`), 'trouble IMAP: nothing listens there');
    const swapped = { host, port: refusing, security: 'none' };
    const mixed = await diagnose(
      make({ providers: [{ domain: 'example.org', imap: swapped, smtp: { ...imap } }] }),
    );
    assert.match(find(mixed, `${host}:${refusing}`), /^trouble IMAP: it says: 220 mail ready/);
  });

  test('looks at the records, the relay and the port of a domain of its own', async (t) => {
    const relay = await startMailServer({ accounts: {} });
    t.after(() => relay.stop());
    const zone = {
      [DOMAIN]: { mx: [`mx.${DOMAIN}`], txt: ['v=spf1 mx -all'] },
      [`causeway._domainkey.${DOMAIN}`]: { txt: [`v=DKIM1; k=rsa; p=${'A'.repeat(300)}`] },
    };
    const dns = await startDnsServer(zone);
    t.after(() => dns.stop());
    const listen = `127.0.0.1:${await freePort()}`;
    const ownDomain = {
      domain: DOMAIN,
      listen,
      relay: { host: '127.0.0.1', port: relay.smtpPort, security: 'none' },
    };
    const gateway = make({ ownDomain, dns: [dns.address] });
    const found = await diagnose(gateway);
    assert.equal(find(found, `MX of ${DOMAIN}`), `ok mx.${DOMAIN}`);
    assert.equal(find(found, `SPF of ${DOMAIN}`), 'ok is there');
    assert.match(find(found, `DKIM of ${DOMAIN}`), /^ok is at causeway\._domainkey/);
    assert.match(find(found, `127.0.0.1:${relay.smtpPort}`), /^ok SMTP answers/);
    assert.equal(find(found, listen), 'ok is free for mail that comes in');

    await gateway.start?.();
    t.after(() => gateway.close?.());
    const running = await diagnose(gateway, true);
    assert.match(find(running, listen), /^ok SMTP answers/);
    assert.match(find(await diagnose(gateway), listen), /^trouble mail cannot be taken there/);
  });

  test('misses records that are not there, and notices the key of somebody else', async (t) => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = fileOf(t, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const published = { txt: ['v=DKIM1; k=ed25519; p=c29tZWJvZHkgZWxzZQ=='] };
    const dns = await startDnsServer({ [`s1._domainkey.${DOMAIN}`]: published });
    t.after(() => dns.stop());
    const ownDomain = {
      domain: DOMAIN,
      listen: `127.0.0.1:${await freePort()}`,
      relay: { host: '127.0.0.1', port: await freePort(), security: 'none' },
      dkim: { selector: 's1', key },
    };
    const found = await diagnose(make({ ownDomain, dns: [dns.address] }));
    assert.match(find(found, `MX of ${DOMAIN}`), /^trouble is missing/);
    assert.match(find(found, `SPF of ${DOMAIN}`), /^warning is missing/);
    assert.match(find(found, `DKIM of ${DOMAIN}`), /^trouble is that of another key/);
    const unnamed = make({ ownDomain: { ...ownDomain, dkim: {} }, dns: [dns.address] });
    assert.match(find(await diagnose(unnamed), `DKIM of ${DOMAIN}`), /^warning is missing/);
  });

  test('does not call a DNS that says nothing a mistake of the records', async (t) => {
    const dns = await startDnsServer({});
    t.after(() => dns.stop());
    dns.silent = true;
    const ownDomain = {
      domain: DOMAIN,
      listen: `127.0.0.1:${await freePort()}`,
      relay: { host: '127.0.0.1', port: await freePort(), security: 'none' },
    };
    const over = new AbortController();
    const gateway = make({ ownDomain, dns: [dns.address] });
    const pending = gateway.diagnose?.({ isRunning: false, signal: over.signal });
    over.abort();
    const found = (await pending) ?? [];
    assert.equal(
      find(found, `MX of ${DOMAIN}`),
      'warning the DNS cannot be asked: no answer in time',
    );
  });
});
