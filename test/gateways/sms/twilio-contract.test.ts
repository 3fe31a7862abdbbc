import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { TwilioClient } from '../../../gateways/sms/providers/twilio-client.ts';
import { TwilioServer } from '../../harness/twilio-server.ts';
import { callOf, faultsOf } from './contract-check.ts';
import { RecordingProxy } from './recording-proxy.ts';
import type { Exchange } from './recording-proxy.ts';
import { ALICE, ALICES_NUMBER, DOMAIN, PHONE, PUBLIC_URL, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';
import { CALLS } from './twilio-contract.ts';

const SECRET = 'hook-secret-1';
const HOOK = `${PUBLIC_URL}/hooks/${DOMAIN}/twilio/${SECRET}`;
const SERVICE = `MG${'0'.repeat(31)}1`;

let twilio: TwilioServer;
let proxy: RecordingProxy;
let rig: SmsRig;
let alice: Person;

beforeEach(async () => {
  twilio = await new TwilioServer({
    smsUrl: HOOK,
    post: (url, init) => rig.web(url, init),
  }).start();
  proxy = await new RecordingProxy(twilio.url).start();
  await openGateway();
});
afterEach(async () => {
  await rig.stop();
  proxy.stop();
  await twilio.stop();
});

async function openGateway(more: object = {}): Promise<void> {
  const { accountSid, authToken } = twilio;
  const provider = { type: 'twilio', accountSid, authToken, apiUrl: proxy.url, ...more };
  rig = await new SmsRig({
    region: 'US',
    provider: { ...provider, webhookSecret: SECRET },
    numbers: { [ALICES_NUMBER]: ALICE },
  }).start();
  alice = await rig.person(ALICE, { phone: ALICES_NUMBER });
}

/** What went through, each as the description has it. */
function calls(): string[] {
  return proxy.exchanges.map((exchange) => {
    const call = callOf(exchange);
    assert.ok(call !== undefined, `${exchange.method} ${exchange.path} is not described`);
    assert.deepEqual(faultsOf(call, exchange), [], call.name);
    if (exchange.method === 'POST') {
      assert.match(exchange.contentType, /^application\/x-www-form-urlencoded/);
    }
    return call.name;
  });
}

describe("what goes to Twilio and what comes back are as Twilio's description says", () => {
  test('for a text, one with files, and one of a messaging service', async () => {
    const file = { name: 'rose.jpg', type: 'image/jpeg', sizeBytes: 4 };
    const open = () => Promise.resolve(new Blob(['ROSE']).stream());
    await alice.send(PHONE, 'Grüße 🌹 & more');
    await alice.send(PHONE, '', { files: [file, file].map((one) => ({ ...one, open })) });
    await rig.stop();
    await openGateway({ messagingServiceSid: SERVICE });
    await alice.send(PHONE, 'Hello');
    assert.deepEqual(calls(), ['CreateMessage', 'CreateMessage', 'CreateMessage']);
    const [plain, files, service] = proxy.exchanges.map(({ form }) => form);
    assert.deepEqual([...(plain?.keys() ?? [])].toSorted(), [
      'Body',
      'From',
      'StatusCallback',
      'To',
    ]);
    assert.equal(files?.getAll('MediaUrl').length, 2);
    assert.equal(files?.get('Body'), null);
    assert.equal(service?.get('MessagingServiceSid'), SERVICE);
  });

  test('for the search of a text that may have been taken, with and without a finding', async () => {
    await twilio.text(PHONE, ALICES_NUMBER, 'An inbound one is in the list too');
    const message = rig.outgoing('Once');
    const to = rig.address(PHONE);
    assert.equal(await alice.session.wasTaken?.(to, message), undefined);
    twilio.behaviours.mute = 1;
    await assert.rejects(Promise.resolve(alice.session.send(to, message)));
    assert.ok(await alice.session.wasTaken?.(to, message));
    assert.deepEqual(calls(), ['ListMessage', 'ListMessage']);
  });

  test('for a file that is fetched and deleted', async () => {
    const fetched = new Promise<void>((resolve) => {
      alice.host.emit = (event) =>
        event.kind !== 'message'
          ? undefined
          : (async () => {
              const stream = await event.files?.[0]?.open(AbortSignal.timeout(5_000));
              await new Response(stream ?? null).arrayBuffer();
              resolve();
            })();
    });
    const media = [{ type: 'image/png', data: Buffer.from('PNG!') }];
    await twilio.text(PHONE, ALICES_NUMBER, '', { media });
    await fetched;
    for (let turn = 0; turn < 500 && proxy.exchanges.length < 2; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [file, ...rest] = proxy.exchanges.splice(0);
    // The file itself lies at the path of its description without the ending; the description has no word of it.
    assert.match(file?.path ?? '', /\/Messages\/MM[0-9a-f]{32}\/Media\/ME[0-9a-f]{32}$/);
    proxy.exchanges.push(...rest);
    assert.deepEqual(calls(), ['DeleteMedia']);
  });

  test("for what only Twilio's library asks of the stand-in", async () => {
    const { accountSid, authToken } = twilio;
    const client = new TwilioClient({
      type: 'twilio',
      accountSid,
      authToken,
      apiUrl: proxy.url,
      deleteMedia: false,
    });
    const media = [{ type: 'image/png', data: Buffer.from('PNG!') }];
    await twilio.text(PHONE, ALICES_NUMBER, 'Look', { media });
    const library = await client.get();
    const sid = twilio.messages[0]?.sid ?? '';
    const message = await library.messages(sid).fetch();
    const [medium] = await message.media().list();
    const again = await library
      .messages(sid)
      .media(medium?.sid ?? '')
      .fetch();
    client.close();
    assert.equal(again.contentType, 'image/png');
    assert.ok(
      message.dateCreated instanceof Date && Number.isFinite(message.dateCreated.getTime()),
    );
    assert.deepEqual(calls(), ['FetchMessage', 'ListMedia', 'FetchMedia']);
  });
});

test('the check finds what is wrong', () => {
  const exchange: Exchange = {
    method: 'POST',
    path: '',
    query: new URLSearchParams({ Page: '0' }),
    form: new URLSearchParams({ From: '5005550006', Bodies: 'x' }),
    contentType: '',
    status: 200,
    answer: JSON.stringify({ sid: 'SM1', status: 'lost', error_code: '1', price_unit: 'usd' }),
  };
  const create = CALLS.find(({ name }) => name === 'CreateMessage') ?? assert.fail();
  const faults = faultsOf(create, exchange);
  for (const fault of [
    'query: Page is not allowed',
    'form: Bodies is not allowed',
    'form: To is missing',
    'form: From is no phone-number',
    'status 200',
    'reply: body is missing',
    'reply: status is none of its set',
    'reply: error_code is no integer',
    'reply: price_unit is no currency',
  ]) {
    assert.ok(faults.includes(fault), fault);
  }
  assert.ok(faults.some((fault) => fault.startsWith('reply: sid is not')));
  const [path, method] = ['/2010-04-01/Accounts/AC1/Messages.json', 'POST'];
  assert.equal(callOf({ ...exchange, path, method }), undefined);
});
