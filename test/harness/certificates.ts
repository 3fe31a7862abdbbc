import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface CertificateOptions {
  /** DNS names and IPv4 addresses that the server's certificate is for. */
  readonly names?: readonly string[];
  /** Its validity ended yesterday. */
  readonly expired?: boolean;
}

/** PEM texts: ca for those who connect, cert and key for the server. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Authority {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const TAG = { sequence: 0x30, set: 0x31, context: 0xa0 } as const;
const OID = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  basicConstraints: '0603551d13',
  keyUsage: '0603551d0f',
  extendedKeyUsage: '0603551d25',
  serverAuth: '06082b06010505070301',
  subjectAltName: '0603551d11',
  subjectKeyIdentifier: '0603551d0e',
  authorityKeyIdentifier: '0603551d23',
} as const;
const TRUE = Buffer.from('0101ff', 'hex');
const ALGORITHM = der(TAG.sequence, oid('ecdsaWithSha256'));

/** A new authority and a certificate from it, good for a day; nothing is kept. RFC 5280. */
export function makeCertificates({
  names = ['localhost', '127.0.0.1'],
  expired = false,
}: CertificateOptions = {}): Certificates {
  const authority = { name: 'Test authority', ...keyPair() };
  const server = keyPair();
  const ca = certificate(authority, authority.name, authority.publicKey, {
    notBeforeMs: Date.now() - 20 * DAY_MS,
    notAfterMs: Date.now() + DAY_MS,
    extensions: [
      extension('basicConstraints', der(TAG.sequence, TRUE), true),
      // keyCertSign and cRLSign
      extension('keyUsage', Buffer.from('03020106', 'hex'), true),
    ],
  });
  const cert = certificate(authority, 'Test server', server.publicKey, {
    notBeforeMs: Date.now() - 10 * DAY_MS,
    notAfterMs: Date.now() + (expired ? -DAY_MS : DAY_MS),
    extensions: [
      extension('basicConstraints', der(TAG.sequence), true),
      // digitalSignature
      extension('keyUsage', Buffer.from('03020780', 'hex'), true),
      extension('extendedKeyUsage', der(TAG.sequence, oid('serverAuth'))),
      extension('subjectAltName', der(TAG.sequence, ...names.map(generalName))),
    ],
  });
  return { ca, cert, key: String(server.privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function certificate(
  issuer: Authority,
  subject: string,
  publicKey: KeyObject,
  details: {
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
    readonly extensions: readonly Buffer[];
  },
): string {
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const issuerKeyId = der(TAG.sequence, der(0x80, keyId(issuer.publicKey)));
  const extensions = [
    ...details.extensions,
    extension('subjectKeyIdentifier', der(0x04, keyId(publicKey))),
    extension('authorityKeyIdentifier', issuerKeyId),
  ];
  const body = der(
    TAG.sequence,
    der(TAG.context, Buffer.from('020102', 'hex')),
    der(0x02, serial),
    ALGORITHM,
    commonName(issuer.name),
    der(TAG.sequence, utcTime(details.notBeforeMs), utcTime(details.notAfterMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.context + 3, der(TAG.sequence, ...extensions)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return pem(der(TAG.sequence, body, ALGORITHM, der(0x03, Buffer.from([0]), signature)));
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function extension(name: keyof typeof OID, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [TRUE] : [];
  return der(TAG.sequence, oid(name), ...critical, der(0x04, value));
}

function generalName(name: string): Buffer {
  if (isIPv4(name)) return der(0x87, Buffer.from(name.split('.').map(Number)));
  return der(0x82, Buffer.from(name, 'latin1'));
}

function commonName(text: string): Buffer {
  const attribute = der(TAG.sequence, oid('commonName'), der(0x0c, Buffer.from(text, 'utf8')));
  return der(TAG.sequence, der(TAG.set, attribute));
}

/** UTCTime, YYMMDDHHMMSSZ: right until 2049. */
function utcTime(timeMs: number): Buffer {
  const digits = new Date(timeMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`, 'latin1'));
}

function oid(name: keyof typeof OID): Buffer {
  return Buffer.from(OID[name], 'hex');
}

/** One DER value: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const head = length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
