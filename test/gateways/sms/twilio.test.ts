import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError, messageId } from '../../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../../src/plugin/index.ts';
import { signatureOf } from '../../harness/twilio-rules.ts';
import { TwilioServer } from '../../harness/twilio-server.ts';
import { ALICE, ALICES_NUMBER, DOMAIN, PHONE, PUBLIC_URL, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

const SECRET = 'hook-secret-1';
const HOOK = `${PUBLIC_URL}/hooks/${DOMAIN}/twilio/${SECRET}`;

let twilio: TwilioServer;
let rig: SmsRig;
let alice: Person;

function optionsOf(
  { accountSid, authToken, url }: Pick<TwilioServer, 'accountSid' | 'authToken' | 'url'>,
  more: object = {},
): object {
  return {
    region: 'US',
    provider: { type: 'twilio', accountSid, authToken, apiUrl: url, webhookSecret: SECRET },
    numbers: { [ALICES_NUMBER]: ALICE },
    ...more,
  };
}

beforeEach(async () => {
  twilio = await new TwilioServer({
    smsUrl: HOOK,
    post: (url, init) => rig.web(url, init),
  }).start();
  rig = await new SmsRig(optionsOf(twilio)).start();
  alice = await rig.person(ALICE, { phone: '(500) 555-0006' });
});
afterEach(async () => {
  await rig.stop();
  await twilio.stop();
});

const sent = (): string[] =>
  twilio.messages.filter(({ direction }) => direction === 'outbound-api').map(({ body }) => body);

async function failure(sending: unknown): Promise<NetworkError> {
  const error: unknown = await Promise.resolve(sending).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NetworkError, String(error));
  return error;
}

describe('a text by Twilio', () => {
  test('leaves from the number of the user, with what is asked about its way', async () => {
    await alice.send(PHONE, 'Grüße 🌹');
    const [message] = twilio.messages;
    assert.equal(message?.from, ALICES_NUMBER);
    assert.equal(message?.to, PHONE);
    assert.equal(message?.body, 'Grüße 🌹');
    const callback = message?.callback ?? '';
    assert.ok(callback.startsWith(`${HOOK}?ticket=`));
    assert.ok(!callback.includes('alice'), 'the provider learns no addresses');
  });

  test('is receipted when it has arrived, if that was asked for, and once', async () => {
    const message = rig.outgoing('Hello', { asksReceipt: true });
    const { ids } = await alice.session.send(rig.address(PHONE), message);
    const sid = twilio.messages[0]?.sid ?? '';
    for (const status of ['sent', 'queued', 'delivered', 'sent', 'delivered']) {
      assert.equal((await twilio.tell(sid, status))?.status, 200);
    }
    assert.deepEqual(alice.events('receipt'), [
      { kind: 'receipt', to: rig.address(PHONE), id: ids[0], state: 'delivered' },
    ]);
  });

  test('is not receipted when nobody asked', async () => {
    await alice.send(PHONE, 'Hello', { asksReceipt: false });
    await twilio.tell(twilio.messages[0]?.sid ?? '', 'delivered');
    assert.deepEqual(alice.events('receipt'), []);
  });

  test('that does not arrive fails by its key, with the code and words for people', async () => {
    await alice.send(PHONE, 'Hello', { key: 'the-key' });
    const sid = twilio.messages[0]?.sid ?? '';
    await twilio.tell(sid, 'undelivered', 30003);
    await twilio.tell(sid, 'undelivered', 30003);
    const [failed, ...more] = alice.events('failed');
    assert.deepEqual(more, []);
    assert.equal(failed?.key, 'the-key');
    assert.equal(failed?.error.kind, 'absent');
    assert.match(failed?.error.message ?? '', /switched off.*Twilio 30003/);
  });

  test('is told of even when the callback comes before the answer of the API', async () => {
    twilio.behaviours.outcome = () => ({ statuses: ['sent', 'delivered'] });
    await alice.send(PHONE, 'Hello');
    await alice.host.until((events) => events.some(({ kind }) => kind === 'receipt'), 'a receipt');
  });

  const refused: readonly (readonly [to: string, code: number, kind: NetworkErrorKind])[] = [
    ['+15005550001', 21211, 'not-found'],
    ['+15005550003', 21408, 'not-allowed'],
    ['+15005550004', 21610, 'not-allowed'],
    ['+15005550009', 21614, 'not-found'],
  ];
  for (const [to, code, kind] of refused) {
    test(`to ${to} is refused as ${kind}, with Twilio's code ${code}`, async () => {
      const error = await failure(alice.send(to, 'Hello'));
      assert.equal(error.kind, kind);
      assert.match(error.message, new RegExp(`Twilio ${code}`));
    });
  }

  test('is not tried again to somebody who wants no more, until she says START', async () => {
    await failure(alice.send('+15005550004', 'Hello'));
    const before = twilio.requests.length;
    const error = await failure(alice.send('+15005550004', 'Hello again'));
    assert.match(error.message, /no more texts/);
    assert.equal(twilio.requests.length, before);
    await twilio.text('+15005550004', ALICES_NUMBER, 'START');
    await failure(alice.send('+15005550004', 'Hello'));
    assert.equal(twilio.requests.length, before + 1);
  });

  test('waits as long as Twilio says when there are too many', async () => {
    twilio.behaviours.busy = 1;
    twilio.behaviours.retryAfter = '7';
    const error = await failure(alice.send(PHONE, 'Hello'));
    assert.equal(error.kind, 'too-fast');
    assert.equal(error.retryAfterMs, 7_000);
    await alice.send(PHONE, 'Hello');
    assert.deepEqual(sent(), ['Hello']);
  });

  test('is worth another try when Twilio cannot be reached', async () => {
    await twilio.stop();
    assert.equal((await failure(alice.send(PHONE, 'Hello'))).kind, 'unreachable');
  });

  test('is worth another try when Twilio refuses the gateway, whose operator is told', async () => {
    const { accountSid, url } = twilio;
    const other = await new SmsRig(
      optionsOf({ accountSid, authToken: 'wrong-token', url }),
    ).start();
    const person = await other.person(ALICE);
    const error = await failure(person.send(PHONE, 'Hello'));
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, /refuses this gateway/);
    assert.match(other.lines.join(''), /refuses the credentials/);
    assert.ok(!other.lines.join('').includes('wrong-token'));
    await other.stop();
  });
});

describe('a text whose answer nobody heard', () => {
  test('is uncertain, and found by looking for it', async () => {
    twilio.behaviours.mute = 1;
    const message = rig.outgoing('Once');
    const to = rig.address(PHONE);
    assert.equal((await failure(alice.session.send(to, message))).kind, 'uncertain');
    const taken = await alice.session.wasTaken?.(to, { ...message, attempt: 2 });
    assert.deepEqual(taken?.ids, [messageId(message.key)]);
    assert.deepEqual(sent(), ['Once']);
  });

  test('is not found when it was not taken', async () => {
    twilio.behaviours.broken = 1;
    const message = rig.outgoing('Once');
    const to = rig.address(PHONE);
    assert.equal((await failure(alice.session.send(to, message))).kind, 'uncertain');
    assert.equal(await alice.session.wasTaken?.(to, message), undefined);
    await alice.session.send(to, { ...message, attempt: 2 });
    assert.deepEqual(sent(), ['Once']);
  });

  test('is not mistaken for an equal one that was sent before', async () => {
    await alice.send(PHONE, 'ok');
    twilio.behaviours.broken = 1;
    const message = rig.outgoing('ok');
    const to = rig.address(PHONE);
    await failure(alice.session.send(to, message));
    assert.equal(await alice.session.wasTaken?.(to, message), undefined);
  });

  test('is known to be taken from what was told of it meanwhile', async () => {
    twilio.behaviours.mute = 1;
    const message = rig.outgoing('Once');
    const to = rig.address(PHONE);
    await failure(alice.session.send(to, message));
    await twilio.tell(twilio.messages[0]?.sid ?? '', 'sent');
    const before = twilio.requests.length;
    assert.ok(await alice.session.wasTaken?.(to, message));
    assert.equal(twilio.requests.length, before);
  });
});

describe('a text that comes in by Twilio', () => {
  test('is a message of its sender, and is acknowledged only when it is stored', async () => {
    alice.host.stallAt(({ kind }) => kind === 'message');
    const answer = twilio.text(PHONE, ALICES_NUMBER, 'Wherefore art thou?');
    await alice.host.until(({ length }) => length > 0, 'a message');
    let isAnswered = false;
    answer.then(() => (isAnswered = true)).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isAnswered, false);
    alice.host.catchUp();
    const { status, headers } = await answer;
    assert.equal(status, 200);
    assert.match(headers.get('content-type') ?? '', /^text\/xml/);
    const [message] = alice.events('message');
    assert.equal(message?.from, rig.address(PHONE).id);
    assert.equal(message?.text, 'Wherefore art thou?');
    assert.equal(message?.id, twilio.messages[0]?.sid);
  });

  test('has the same id when it is told again', async () => {
    const fields = new URLSearchParams({
      MessageSid: 'SM1',
      AccountSid: twilio.accountSid,
      From: PHONE,
      To: ALICES_NUMBER,
      Body: 'Again',
    });
    await twilio.post(HOOK, fields);
    await twilio.post(HOOK, fields);
    assert.deepEqual(
      alice.events('message').map(({ id }) => id),
      ['SM1', 'SM1'],
    );
  });

  test('brings its files, which are deleted at Twilio once they are here', async () => {
    const data = Buffer.from('a picture');
    const answer = await twilio.text(PHONE, ALICES_NUMBER, 'Look', {
      media: [
        { type: 'image/jpeg', data },
        { type: 'application/smil', data: Buffer.from('<smil/>') },
      ],
    });
    assert.equal(answer.status, 200);
    const [file, ...more] = alice.events('message')[0]?.files ?? [];
    assert.deepEqual(more, []);
    assert.equal(file?.type, 'image/jpeg');
    assert.match(file?.name ?? '', /^ME.*\.jpg$/);
    assert.equal(file?.url, undefined);
  });

  test('may have files that are fetched with the credentials', async () => {
    const rest = { media: [{ type: 'image/png', data: Buffer.from('PNG!') }] };
    const opened = new Promise<string>((resolve) => {
      alice.host.emit = (event) => {
        if (event.kind !== 'message') return undefined;
        return (async () => {
          const stream = await event.files?.[0]?.open(AbortSignal.timeout(5_000));
          resolve(await new Response(stream ?? null).text());
        })();
      };
    });
    await twilio.text(PHONE, ALICES_NUMBER, '', rest);
    assert.equal(await opened, 'PNG!');
    for (let turn = 0; turn < 200 && twilio.media.size > 0; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const deletions = twilio.requests.filter((line) => line.startsWith('DELETE'));
    assert.equal(deletions.length, 1);
  });

  test('may have files that are gone, or cannot be had now, which is said in words', async () => {
    const media = [{ type: 'image/png', data: Buffer.from('PNG!') }];
    await twilio.text(PHONE, ALICES_NUMBER, '', { media });
    const file = alice.events('message')[0]?.files?.[0] ?? assert.fail('no file');
    const open = (): Promise<unknown> => file.open(AbortSignal.timeout(5_000));
    twilio.behaviours.broken = 1;
    assert.equal((await failure(open())).kind, 'unreachable');
    twilio.media.clear();
    const error = await failure(open());
    assert.equal(error.kind, 'unsupported');
    assert.match(error.message, /cannot carry the file/);
  });

  test('from a short code or a name can be seen, and a name cannot be answered', async () => {
    await twilio.text('72345', ALICES_NUMBER, 'Your code is 1');
    await twilio.text('My Bank', ALICES_NUMBER, 'Your code is 2');
    const [short, name] = alice.events('message');
    assert.equal(short?.from, '72345;phone-context=us');
    assert.equal(name?.from, 'my bank;phone-context=alphanumeric');
    assert.equal(name?.nick, 'My Bank');
    assert.match((await failure(alice.send(name?.from ?? '', 'Hi'))).message, /cannot be answered/);
  });

  test('to a number that nobody has is refused, not swallowed', async () => {
    assert.equal((await twilio.text(PHONE, '+12025550199', 'Hi')).status, 404);
    assert.match(rig.lines.join(''), /a number that no registered user has/);
  });

  test('is not acknowledged when it could not be stored', async () => {
    alice.host.emit = () => Promise.reject(new Error('disk full'));
    await assert.rejects(twilio.text(PHONE, ALICES_NUMBER, 'Hi'), /disk full/);
  });
});

describe('a request to the webhook', () => {
  const fields = new URLSearchParams({
    MessageSid: 'SM1',
    From: PHONE,
    To: ALICES_NUMBER,
    Body: 'x',
  });
  const form = 'application/x-www-form-urlencoded';
  const post = (url: string, signature: string, type = form): Promise<Response> =>
    rig.web(url, {
      method: 'POST',
      headers: { 'content-type': type, 'x-twilio-signature': signature },
      body: fields.toString(),
    });
  const signed = (url: string): string => signatureOf(twilio.authToken, url, fields);

  test('is refused without a signature, with a wrong one, and with one for another URL', async () => {
    for (const signature of ['', 'x', signed(`${HOOK}?more=1`), signatureOf('', HOOK, fields)]) {
      assert.equal((await post(HOOK, signature)).status, 403);
    }
    assert.deepEqual(alice.events('message'), []);
    assert.equal((await post(HOOK, signed(HOOK))).status, 200);
  });

  test("is nobody's without the secret in its path", async () => {
    for (const path of [
      'twilio',
      'twilio/hook-secret-2',
      'kannel/hook-secret-1',
      '',
      'twilio/x/y',
    ]) {
      const url = `${PUBLIC_URL}/hooks/${DOMAIN}/${path}`;
      assert.equal((await post(url, signed(url))).status, 404, path);
    }
  });

  test('gets the right answer for another method, another type, missing fields, another account', async () => {
    assert.equal((await rig.web(HOOK)).status, 405);
    assert.equal((await post(HOOK, signed(HOOK), 'application/json')).status, 415);
    const empty = new URLSearchParams({ Body: 'x' });
    assert.equal((await twilio.post(HOOK, empty)).status, 400);
    const foreign = new URLSearchParams({ ...Object.fromEntries(fields), AccountSid: 'AC2' });
    assert.equal((await twilio.post(HOOK, foreign)).status, 403);
  });

  test('with a ticket that is not ours changes nothing', async () => {
    const url = `${HOOK}?ticket=${'A'.repeat(80)}`;
    const status = new URLSearchParams({ MessageSid: 'SM1', MessageStatus: 'failed' });
    assert.equal((await twilio.post(url, status)).status, 200);
    assert.deepEqual(alice.host.events, []);
  });
});

describe('files to a phone', () => {
  const file = (more: object = {}) => ({
    name: 'rose.jpg',
    type: 'image/jpeg',
    sizeBytes: 4,
    open: () => Promise.resolve(new Blob(['ROSE']).stream()),
    ...more,
  });

  test('whose place cannot be reached are given up in the end: texts wait for them', async () => {
    const open = () => Promise.reject(new NetworkError('unreachable', 'It cannot be reached.'));
    for (const [attempt, kind] of [
      [1, 'unreachable'],
      [5, 'unreachable'],
      [6, 'not-found'],
    ] as const) {
      const error = await failure(alice.send(PHONE, 'Look', { files: [file({ open })], attempt }));
      assert.deepEqual([error.kind, error.message], [kind, 'It cannot be reached.']);
    }
  });

  test('that cannot be fetched are told of at once, and nothing is sent', async () => {
    const open = () => Promise.reject(new NetworkError('not-found', 'There is nothing there.'));
    const error = await failure(alice.send(PHONE, 'Look', { files: [file({ open })] }));
    assert.deepEqual([error.kind, error.message], ['not-found', 'There is nothing there.']);
    const data = () => Promise.resolve(new Blob(['x'.repeat(3_000_000)]).stream());
    const big = file({ open: data, sizeBytes: 1 });
    assert.equal((await failure(alice.send(PHONE, '', { files: [big, big] }))).kind, 'too-large');
    assert.deepEqual(twilio.messages, []);
  });

  test('whose type nobody knows are looked into', async () => {
    const open = () =>
      Promise.resolve(new Blob([Buffer.from('89504e470d0a1a0a00', 'hex')]).stream());
    const type = 'application/octet-stream';
    await alice.send(PHONE, '', { files: [file({ open, type, sizeBytes: undefined })] });
    const answer = await rig.web(twilio.messages[0]?.media[0] ?? '', { method: 'HEAD' });
    assert.equal(answer.headers.get('content-type'), 'image/png');
    assert.equal(answer.headers.get('content-length'), '9');
  });

  test('are offered to Twilio under an address of ours, with their type and size', async () => {
    await alice.send(PHONE, '', { files: [file({ url: 'https://upload.example.org/rose.jpg' })] });
    const [url = ''] = twilio.messages[0]?.media ?? [];
    assert.ok(url.startsWith(`${HOOK}/media/`));
    const answer = await rig.web(url);
    assert.equal(answer.headers.get('content-type'), 'image/jpeg');
    assert.equal(answer.headers.get('content-length'), '4');
    assert.equal(await answer.text(), 'ROSE');
    assert.equal((await rig.web(`${url}0`)).status, 404);
    assert.equal((await rig.web(url, { method: 'POST' })).status, 405);
  });

  test('are refused when they are too many or too large', async () => {
    const many = await failure(
      alice.send(PHONE, '', { files: Array.from({ length: 11 }, () => file()) }),
    );
    assert.equal(many.kind, 'too-large');
    const large = await failure(alice.send(PHONE, '', { files: [file({ sizeBytes: 6_000_000 })] }));
    assert.equal(large.kind, 'too-large');
    assert.deepEqual(twilio.messages, []);
  });
});

test('what Twilio takes from the environment is left alone', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    TWILIO_EDGE: 'sydney',
    TWILIO_REGION: 'au1',
    HTTP_PROXY: 'http://127.0.0.1:9',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    http_proxy: 'http://127.0.0.1:9',
  });
  try {
    await alice.send(PHONE, 'Hello');
  } finally {
    for (const name of [
      'TWILIO_EDGE',
      'TWILIO_REGION',
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'http_proxy',
    ]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  assert.deepEqual(sent(), ['Hello']);
});

test('without an auth token there is no Twilio', () => {
  const { accountSid, url } = twilio;
  for (const authToken of ['', undefined]) {
    const provider = { type: 'twilio', accountSid, authToken, apiUrl: url };
    assert.throws(() => new SmsRig({ provider, numbers: {} }), /forgery/);
  }
});
