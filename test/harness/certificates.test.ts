import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { test } from 'node:test';
import { makeCertificates, type CertificateOptions } from './certificates.ts';

/** What a client that trusts the authority says to a server with such a certificate. */
async function handshake(options: CertificateOptions, servername?: string): Promise<string> {
  const { ca, cert, key } = makeCertificates(options);
  const server = createServer({ cert, key });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const named = servername === undefined ? {} : { servername };
  const socket = connect({ port: address.port, host: '127.0.0.1', ca, ...named });
  const outcome = await new Promise<string>((resolve) => {
    socket.on('secureConnect', () => resolve('trusted'));
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
  });
  socket.destroy();
  server.close();
  return outcome;
}

test('a client that knows the authority trusts the certificate by address and by name', async () => {
  assert.equal(await handshake({}), 'trusted');
  assert.equal(await handshake({}, 'localhost'), 'trusted');
});

test('an expired certificate is refused', async () => {
  assert.equal(await handshake({ expired: true }), 'CERT_HAS_EXPIRED');
});

test('a certificate for another name is refused', async () => {
  const outcome = await handshake({ names: ['elsewhere.example'] }, 'localhost');
  assert.equal(outcome, 'ERR_TLS_CERT_ALTNAME_INVALID');
});

test('the certificate is what X.509 says it is', () => {
  const { ca, cert } = makeCertificates({ names: ['irc.example', '127.0.0.1'] });
  const authority = new X509Certificate(ca);
  const server = new X509Certificate(cert);
  assert.ok(server.verify(authority.publicKey));
  assert.ok(server.checkIssued(authority));
  assert.ok(authority.ca);
  assert.equal(server.ca, false);
  assert.equal(server.subjectAltName, 'DNS:irc.example, IP Address:127.0.0.1');
});

test('each call makes its own authority', async () => {
  assert.notEqual(makeCertificates().ca, makeCertificates().ca);
});
