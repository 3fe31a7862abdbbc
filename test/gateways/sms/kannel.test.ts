import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError } from '../../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../../src/plugin/index.ts';
import { ALICE, ALICES_NUMBER, DOMAIN, PHONE, PUBLIC_URL, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

const SECRET = 'kannel-secret';
const HOOK = `${PUBLIC_URL}/hooks/${DOMAIN}/kannel/${SECRET}`;

/** What the smsbox was asked, and what it answers. */
let asked: URLSearchParams[];
let answer: { status: number; text: string } | 'nothing';
let rig: SmsRig;
let alice: Person;

const smsbox = createServer((request, response) => {
  asked.push(new URL(request.url ?? '', 'http://smsbox').searchParams);
  if (answer === 'nothing') response.destroy();
  else response.writeHead(answer.status).end(answer.text);
});

beforeEach(async () => {
  asked = [];
  answer = { status: 202, text: '0: Accepted for delivery' };
  smsbox.listen(0, '127.0.0.1');
  await once(smsbox, 'listening');
  const { port } = smsbox.address() as AddressInfo;
  rig = await new SmsRig({
    region: 'US',
    provider: {
      type: 'kannel',
      sendUrl: `http://127.0.0.1:${port}/cgi-bin/sendsms`,
      username: 'causeway',
      password: 'swordfish',
      smsc: 'east',
      webhookSecret: SECRET,
    },
    numbers: { [ALICES_NUMBER]: ALICE },
  }).start();
  alice = await rig.person(ALICE);
});
afterEach(async () => {
  await rig.stop();
  smsbox.close();
  smsbox.closeAllConnections();
});

async function failure(sending: unknown): Promise<NetworkError> {
  const error: unknown = await Promise.resolve(sending).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NetworkError, String(error));
  return error;
}

/** Kannel puts the values in as it calls the URL that it was given. */
const dlrUrl = (code: number, words = ''): string =>
  (asked[0]?.get('dlr-url') ?? '')
    .replace('%d', String(code))
    .replace('%A', encodeURIComponent(words));

describe('a text by Kannel', () => {
  test('is handed over with its alphabet, and a way to tell what became of it', async () => {
    await alice.send(PHONE, 'Grüße');
    await alice.send(PHONE, 'Привет 🌹');
    const [first, second] = asked;
    assert.deepEqual(
      ['from', 'to', 'text', 'charset', 'coding', 'smsc', 'username', 'dlr-mask'].map((name) =>
        first?.get(name),
      ),
      [ALICES_NUMBER, PHONE, 'Grüße', 'UTF-8', '0', 'east', 'causeway', '19'],
    );
    assert.deepEqual([second?.get('text'), second?.get('coding')], ['Привет 🌹', '2']);
    assert.ok(first?.get('dlr-url')?.startsWith(`${HOOK}?ticket=`));
  });

  test('is taken also when the SMSC is away: Kannel keeps it', async () => {
    answer = { status: 202, text: '3: Queued for later delivery' };
    await alice.send(PHONE, 'Hello');
  });

  test('is receipted once when it has arrived', async () => {
    await alice.send(PHONE, 'Hello', { key: 'k' });
    for (const code of [8, 1, 1]) assert.equal((await rig.web(dlrUrl(code))).status, 200);
    assert.deepEqual(
      alice.events('receipt').map(({ id }) => id),
      ['k'],
    );
  });

  test('fails with the words of the SMSC', async () => {
    await alice.send(PHONE, 'Hello', { key: 'k', asksReceipt: false });
    assert.equal(asked[0]?.get('dlr-mask'), '18');
    await rig.web(dlrUrl(2, 'id:1 stat:EXPIRED err:000'));
    const [failed] = alice.events('failed');
    assert.equal(failed?.key, 'k');
    assert.equal(failed?.error.kind, 'absent');
    assert.match(failed?.error.message ?? '', /Kannel 2: id:1 stat:EXPIRED/);
  });

  const answers: readonly (readonly [status: number, kind: NetworkErrorKind])[] = [
    [403, 'unreachable'],
    [400, 'refused'],
    [503, 'unreachable'],
    [500, 'uncertain'],
  ];
  for (const [status, kind] of answers) {
    test(`is ${kind} when Kannel answers ${status}`, async () => {
      answer = { status, text: 'No' };
      const error = await failure(alice.send(PHONE, 'Hello'));
      assert.equal(error.kind, kind);
      assert.ok(!`${error.message}${rig.lines.join('')}`.includes('swordfish'));
    });
  }

  test('is uncertain when there is no answer, and cannot be looked for', async () => {
    answer = 'nothing';
    const message = rig.outgoing('Hello');
    assert.equal(
      (await failure(alice.session.send(rig.address(PHONE), message))).kind,
      'uncertain',
    );
    assert.equal(await alice.session.wasTaken?.(rig.address(PHONE), message), undefined);
  });

  test('has links in the place of files, as Kannel carries none', async () => {
    const url = 'https://upload.example.org/rose.jpg';
    const file = {
      name: 'rose.jpg',
      type: 'image/jpeg',
      open: () => Promise.reject(new Error('not here')),
    };
    await alice.send(PHONE, 'Look', { files: [{ ...file, url }] });
    assert.equal(asked[0]?.get('text'), `Look\n${url}`);
    assert.equal((await failure(alice.send(PHONE, 'Look', { files: [file] }))).kind, 'unsupported');
  });
});

describe('a text that comes in by Kannel', () => {
  const get = (fields: Readonly<Record<string, string>>): Promise<Response> =>
    rig.web(`${HOOK}?${new URLSearchParams(fields).toString()}`);
  const good = {
    id: 'a-b-c',
    from: PHONE,
    to: ALICES_NUMBER,
    text: 'Привет 🌹',
    time: '1764000000',
  };

  test('is a message with the id that Kannel gave it', async () => {
    assert.equal((await get(good)).status, 200);
    const [message] = alice.events('message');
    assert.equal(message?.id, 'a-b-c');
    assert.equal(message?.text, 'Привет 🌹');
    assert.deepEqual(message?.at, new Date(1_764_000_000_000));
    for (const [id, lateMs] of [
      ['now', 500],
      ['ahead', -3_600_000],
    ] as const) {
      const time = String(Math.floor((Date.now() - lateMs) / 1_000));
      assert.equal((await get({ ...good, id, time })).status, 200);
      assert.equal(alice.events('message').at(-1)?.at, undefined, id);
    }
  });

  const told: readonly (readonly [charset: string, bytes: Buffer, text: string])[] = [
    ['UTF-8', Buffer.from('Zwei  Leerzeichen\nund Привет'), 'Zwei  Leerzeichen\nund Привет'],
    ['UTF-16BE', Buffer.from('Привет\n🌹', 'utf16le').swap16(), 'Привет\n🌹'],
    ['ISO-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['8-BIT', Buffer.from('BEGIN:VCARD'), 'BEGIN:VCARD'],
    [
      '8-BIT',
      Buffer.from('0601ae', 'hex'),
      '(a message for the phone itself, 3 bytes, and no text)',
    ],
    ['no-such-set', Buffer.from('Grüße'), 'Grüße'],
  ];
  for (const [charset, bytes, text] of told) {
    test(`in ${charset} is read as ${JSON.stringify(text)}`, async () => {
      const { text: _, ...others } = good;
      const escaped = bytes.toString('hex').replace(/../g, '%$&').replaceAll('%20', '+');
      const url = `${HOOK}?text=${escaped}&${new URLSearchParams({ ...others, charset }).toString()}`;
      assert.equal((await rig.web(url)).status, 200);
      assert.deepEqual(
        alice.events('message').map((message) => message.text),
        [text],
      );
    });
  }

  test('is told, too, when nobody can be called what its sender is called', async () => {
    assert.equal((await get({ ...good, from: '🌹' })).status, 200);
    const [message] = alice.events('message');
    assert.deepEqual(
      [message?.from, message?.nick, message?.text],
      ['unknown;phone-context=alphanumeric', '🌹', 'Привет 🌹'],
    );
  });

  test("is refused when something is missing, or the number is nobody's", async () => {
    assert.equal((await get({ ...good, id: '' })).status, 400);
    assert.equal((await get({ ...good, to: '+12025550199' })).status, 404);
    const elsewhere = `${PUBLIC_URL}/hooks/${DOMAIN}/kannel/another-secret?`;
    assert.equal((await rig.web(elsewhere + new URLSearchParams(good).toString())).status, 404);
    assert.equal((await rig.web(HOOK, { method: 'DELETE' })).status, 405);
  });
});
