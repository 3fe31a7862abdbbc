import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { before, describe, test } from 'node:test';
import { dkimSign } from 'mailauth';
import { createTransport } from 'nodemailer';
import { emailOptions } from '../../../gateways/email/options.ts';
import { dnsRecords, signingKey } from '../../../gateways/email/own-domain/dkim.ts';
import type { SigningKey } from '../../../gateways/email/own-domain/dkim.ts';
import { verdictOn } from '../../../gateways/email/own-domain/verdict.ts';
import type { Verdict } from '../../../gateways/email/own-domain/verdict.ts';
import { readMail } from '../../../gateways/email/reading/read-mail.ts';
import { texts } from '../../../gateways/email/texts.ts';

const DOMAIN = 'chat.example';
const HERE = '192.0.2.1';
const ELSEWHERE = '203.0.113.9';

/** The texts in a zone, by name; everything else does not exist. */
type Zone = Readonly<Record<string, string>>;

function zoneOf(records: string): Record<string, string> {
  const zone: Record<string, string> = {};
  for (const line of records.split('\n')) {
    const [, name, text] = /^(\S+)\. TXT "(.*)"$/.exec(line) ?? [];
    assert.ok(name !== undefined && text !== undefined, line);
    zone[name] = text;
  }
  return zone;
}

describe('the verdict on a mail that comes in', { timeout: 30_000 }, () => {
  let key: SigningKey;
  let zone: Zone;

  before(async () => {
    const kept = new Map<string, string>();
    const { ownDomain } = emailOptions.parse({ ownDomain: OWN });
    assert.ok(ownDomain !== undefined);
    key = await signingKey(ownDomain, {
      get: (name) => Promise.resolve(kept.get(name)),
      set: (name, value) => Promise.resolve(void kept.set(name, value)),
      delete: (name) => Promise.resolve(void kept.delete(name)),
    });
    zone = { ...zoneOf(dnsRecords(key)), [DOMAIN]: `v=spf1 ip4:${HERE} -all` };
  });

  const OWN = {
    domain: DOMAIN,
    listen: '127.0.0.1:0',
    protocol: 'smtp',
    relay: { host: '127.0.0.1', port: 25, security: 'none' },
  };

  async function written(from: string, signing?: SigningKey): Promise<Buffer> {
    const transport = createTransport({
      streamTransport: true,
      newline: 'windows',
      ...(signing === undefined ? {} : { dkim: signing }),
    });
    const { message } = await transport.sendMail({
      from,
      to: 'bob@elsewhere.example',
      subject: 'Lunch',
      text: 'Now?',
    });
    return buffer(message as Readable);
  }

  /** A mail with these fields besides a few others, signed by our own domain. */
  async function signed(fields: string, signedBytes?: number): Promise<Buffer> {
    const head = `${fields}\r\nTo: bob@elsewhere.example\r\nSubject: Lunch`;
    const raw = Buffer.from(`${head}\r\nMessage-ID: <1@x>\r\n\r\nNow?\r\n`);
    const { domainName: signingDomain, keySelector: selector, privateKey } = key;
    const ours = { signingDomain, selector, privateKey };
    const limit = signedBytes === undefined ? {} : { maxBodyLength: signedBytes };
    const options = { ...ours, signatureData: [{ ...ours, ...limit }] };
    const { signatures } = await dkimSign(raw, options);
    return Buffer.concat([Buffer.from(signatures), raw]);
  }

  async function judge(raw: Buffer, remoteAddress: string, known: Zone = zone): Promise<Verdict> {
    const { from, list } = await readMail(raw, texts('en'));
    const delivery = {
      author: from.contact,
      shown: list?.contact ?? from.contact,
      remoteAddress,
      helo: `mx.${DOMAIN}`,
      sender: `alice@${DOMAIN}`,
      mta: 'mx.elsewhere.example',
    };
    return verdictOn(raw, delivery, (name, type) => {
      const text = type === 'TXT' ? known[name] : undefined;
      if (text !== undefined) return Promise.resolve([[text]]);
      return Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));
    });
  }

  const rejecting = (): Zone => ({ ...zone, [`_dmarc.${DOMAIN}`]: 'v=DMARC1; p=reject' });

  test('our own mail is proven by the records that the command prints', async () => {
    const raw = await written(`alice@${DOMAIN}`, key);
    assert.deepEqual(await judge(raw, ELSEWHERE), { isProven: true, isForged: false });
  });

  test('a mail that was changed on its way is not proven', async () => {
    const raw = await written(`alice@${DOMAIN}`, key);
    const changed = Buffer.from(raw.toString().replace('Now?', 'Never!'));
    assert.deepEqual(await judge(changed, ELSEWHERE), { isProven: false, isForged: false });
  });

  test('a mail from a server that the domain names is proven without a signature', async () => {
    const raw = await written(`alice@${DOMAIN}`);
    assert.deepEqual(await judge(raw, HERE), { isProven: true, isForged: false });
  });

  test('a mail that the domain wants refused is called forged', async () => {
    const raw = await written(`alice@${DOMAIN}`);
    assert.deepEqual(await judge(raw, ELSEWHERE, rejecting()), { isProven: false, isForged: true });
  });

  test('the signature of another domain proves nothing of the sender', async () => {
    const raw = await written('carol@bank.example', key);
    const known = { ...zone, '_dmarc.bank.example': 'v=DMARC1; p=reject' };
    assert.deepEqual(await judge(raw, ELSEWHERE, known), { isProven: false, isForged: true });
  });

  const FORGED: readonly (readonly [string, string])[] = [
    ['from two people', `From: a..b@${DOMAIN}, Carol <carol@bank.example>`],
    ['with two fields From', `From: a..b@${DOMAIN}\r\nFrom: Carol <carol@bank.example>`],
    ['without From', 'Sender: carol@bank.example'],
  ];
  for (const [what, fields] of FORGED) {
    test(`a mail ${what} is judged by whom users see it from`, async () => {
      const raw = await signed(fields);
      const known = { ...zone, '_dmarc.bank.example': 'v=DMARC1; p=reject' };
      assert.deepEqual(await judge(raw, HERE, known), { isProven: false, isForged: true });
    });
  }

  test('the author of a mail through a list does not vouch for the list', async () => {
    const list = 'List-Id: <list.bank.example>\r\nList-Post: <mailto:carol@bank.example>';
    const raw = await signed(`From: alice@${DOMAIN}\r\n${list}`);
    assert.deepEqual(await judge(raw, HERE), { isProven: false, isForged: false });
    const own = await signed(`From: alice@${DOMAIN}\r\n${list.replaceAll('bank.example', DOMAIN)}`);
    assert.deepEqual(await judge(own, ELSEWHERE), { isProven: true, isForged: false });
  });

  test('without a policy, a signature of the domain itself is proof, and its server alone is none', async () => {
    const known = Object.fromEntries(
      Object.entries(zone).filter(([name]) => !name.startsWith('_dmarc')),
    );
    const raw = await signed(`From: alice@${DOMAIN}`);
    assert.deepEqual(await judge(raw, ELSEWHERE, known), { isProven: true, isForged: false });
    const bare = await written(`alice@${DOMAIN}`);
    assert.deepEqual(await judge(bare, HERE, known), { isProven: false, isForged: false });
  });

  test('a signature of the beginning alone proves nothing of what stands behind it', async () => {
    const raw = await signed(`From: alice@${DOMAIN}`, 4);
    assert.deepEqual(await judge(raw, ELSEWHERE), { isProven: false, isForged: false });
    assert.deepEqual(await judge(raw, HERE), { isProven: true, isForged: false });
  });

  test('where nothing can be found out, nothing is claimed', async () => {
    const raw = await written(`alice@${DOMAIN}`);
    assert.deepEqual(await judge(raw, ELSEWHERE, {}), { isProven: false, isForged: false });
  });
});
