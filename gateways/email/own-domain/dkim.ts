import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Memory } from '../../../src/plugin/index.ts';
import type { OwnDomainOptions } from '../options.ts';

export interface SigningKey {
  readonly domainName: string;
  readonly keySelector: string;
  readonly privateKey: string;
}

/** The key that outgoing mail is signed with (RFC 6376); made, and kept, when the administrator names none. */
export async function signingKey(options: OwnDomainOptions, memory: Memory): Promise<SigningKey> {
  const { dkim, domain } = options;
  const privateKey = (await knownKey(options, memory)) ?? (await makeKey(memory));
  return { domainName: domain, keySelector: dkim.selector, privateKey };
}

/** The same; `undefined` while none was named or made. */
export async function knownKey(
  { dkim }: OwnDomainOptions,
  memory: Memory,
): Promise<string | undefined> {
  return dkim.key === undefined ? memory.get('dkim-key') : readFile(dkim.key, 'utf8');
}

async function makeKey(memory: Memory): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await memory.set('dkim-key', text);
  return text;
}

/** The DNS records that make others believe in our mail (RFC 7208, RFC 6376 §3.6, RFC 7489 §6). */
export function dnsRecords(key: SigningKey): string {
  const { domainName, keySelector, privateKey } = key;
  return [
    `${keySelector}._domainkey.${domainName}. TXT "${keyRecord(privateKey)}"`,
    `${domainName}. TXT "v=spf1 mx -all"`,
    `_dmarc.${domainName}. TXT "v=DMARC1; p=quarantine; adkim=s; aspf=r"`,
  ].join('\n');
}

/** RFC 6376 §3.6.1: what others check signatures with. */
export function keyRecord(privateKey: string): string {
  const publicKey = createPublicKey(createPrivateKey(privateKey));
  const data = publicKey.export({ type: 'spki', format: 'der' });
  const isEd25519 = publicKey.asymmetricKeyType === 'ed25519';
  // RFC 8463 §4: the bare key, which is the end of the SPKI form.
  const encoded = (isEd25519 ? data.subarray(-32) : data).toString('base64');
  return `v=DKIM1; k=${isEd25519 ? 'ed25519' : 'rsa'}; p=${encoded}`;
}
