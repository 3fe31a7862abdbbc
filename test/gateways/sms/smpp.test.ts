import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError } from '../../../src/plugin/index.ts';
import { Smsc } from '../../harness/smsc.ts';
import { ALICE, ALICES_NUMBER, PHONE, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

let smsc: Smsc;
let rig: SmsRig;
let alice: Person;
let values: Map<string, string>;

const optionsOf = (port: number, more: object = {}, limits: object = {}): object => ({
  region: 'US',
  provider: {
    type: 'smpp',
    host: '127.0.0.1',
    port,
    systemId: 'causeway',
    password: 'secret',
    reconnectMinMs: 5,
    reconnectMaxMs: 20,
    ...more,
  },
  numbers: { [ALICES_NUMBER]: ALICE },
  limits,
});

async function begin(more: object = {}, limits: object = {}): Promise<void> {
  values = new Map();
  rig = await new SmsRig(optionsOf(smsc.port, more, limits), values).start();
  alice = await rig.person(ALICE);
  await smsc.until(() => smsc.isBound, 'a bind');
}

beforeEach(async () => {
  smsc = await new Smsc().start();
});
afterEach(async () => {
  await rig.stop();
  await smsc.stop();
});

async function failure(sending: unknown): Promise<NetworkError> {
  const error: unknown = await Promise.resolve(sending).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NetworkError, String(error));
  return error;
}

/** Asks again until the link stands: the bind's answer may be on its way. */
async function sendWhenBound(text: string, more: object = {}): Promise<void> {
  const message = rig.outgoing(text, more);
  for (;;) {
    try {
      await alice.session.send(rig.address(PHONE), message);
      return;
    } catch (error) {
      if (!(error instanceof NetworkError) || error.kind !== 'unreachable') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

describe('a text by SMPP', () => {
  test('goes as one part in the alphabet of GSM, with the types of its numbers', async () => {
    await begin();
    await sendWhenBound('Grüße, 5 €');
    const [text] = smsc.submitted;
    assert.equal(text?.text, 'Grüße, 5 €');
    assert.equal(text?.pdu.data_coding, 0);
    assert.deepEqual([text?.from, text?.to], ['15005550006', '15005550010']);
    assert.equal(text?.pdu.source_addr_ton, 1);
    assert.equal(text?.pdu.registered_delivery, 1);
  });

  test('goes in UCS-2 when it has other letters, and asks for failures alone when no receipt is wanted', async () => {
    await begin();
    await sendWhenBound('Привет 🌹', { asksReceipt: false });
    assert.equal(smsc.submitted[0]?.text, 'Привет 🌹');
    assert.equal(smsc.submitted[0]?.pdu.data_coding, 8);
    assert.equal(smsc.submitted[0]?.pdu.registered_delivery, 2);
  });

  test('of ten parts goes in parts that belong together, and is receipted when all have arrived', async () => {
    await begin();
    const long = 'x'.repeat(1_530);
    await sendWhenBound(long);
    assert.equal(smsc.submitted.length, 10);
    assert.equal(smsc.submitted.map(({ text }) => text).join(''), long);
    const headers = smsc.submitted.map(({ pdu }) => [...(pdu.short_message?.udh?.[0] ?? [])]);
    assert.deepEqual(
      headers.map(([, , , total, number]) => [total, number]),
      Array.from({ length: 10 }, (_, index) => [10, index + 1]),
    );
    assert.equal(new Set(headers.map(([, , reference]) => reference)).size, 1);
    for (const text of smsc.submitted.slice(1)) assert.equal(await smsc.report(text, 'DELIVRD'), 0);
    assert.deepEqual(alice.events('receipt'), []);
    const [first] = smsc.submitted;
    if (first !== undefined) await smsc.report(first, 'DELIVRD');
    assert.equal(alice.events('receipt').length, 1);
    if (first !== undefined) await smsc.report(first, 'DELIVRD');
    assert.equal(alice.events('receipt').length, 1);
  });

  test('of many parts is receipted also when they arrive all at once', async () => {
    await begin();
    smsc.behaviours.stat = 'DELIVRD';
    for (let count = 0; count < 5; count += 1) await sendWhenBound('z'.repeat(1_000));
    await alice.host.until((events) => events.length === 5, 'five receipts');
  });

  test('of several parts goes whole where the SMSC wants it so', async () => {
    await begin({ longTexts: 'payload' });
    await sendWhenBound('я'.repeat(200));
    assert.equal(smsc.submitted.length, 1);
    assert.equal(smsc.submitted[0]?.text, 'я'.repeat(200));
  });

  test('fails with the state that the SMSC tells', async () => {
    await begin();
    smsc.behaviours.stat = 'UNDELIV';
    await sendWhenBound('Hello', { key: 'the-key' });
    await alice.host.until((events) => events.length > 0, 'a failure');
    const [failed] = alice.events('failed');
    assert.equal(failed?.key, 'the-key');
    assert.match(failed?.error.message ?? '', /SMPP UNDELIV/);
  });

  test('is receipted after a restart, and though the ids are written in another way', async () => {
    await begin();
    for (let count = 0; count < 17; count += 1) await sendWhenBound('Hello');
    const text = smsc.submitted[16];
    assert.equal(text?.id, '00000011');
    await rig.stop();
    const { account } = alice;
    rig = await new SmsRig(optionsOf(smsc.port), values).start();
    alice = rig.registered(ALICE, account);
    await smsc.until(() => smsc.binds.length === 2 && smsc.isBound, 'another bind');
    await smsc.report({ ...text, id: '17' }, 'DELIVRD');
    assert.equal(alice.events('receipt').length, 1);
  });

  test('is receipted after a crash, which leaves what was on disk when it was taken', async () => {
    await begin();
    await sendWhenBound('Hello');
    await sendWhenBound('y'.repeat(200));
    const [hello, first, second] = smsc.submitted;
    if (first !== undefined) assert.equal(await smsc.report(first, 'DELIVRD'), 0);
    const left = new Map(values);
    const { account } = alice;
    await rig.stop();
    values = left;
    rig = await new SmsRig(optionsOf(smsc.port), values).start();
    alice = rig.registered(ALICE, account);
    await smsc.until(() => smsc.binds.length === 2 && smsc.isBound, 'another bind');
    for (const text of [hello, second]) if (text !== undefined) await smsc.report(text, 'DELIVRD');
    assert.equal(alice.events('receipt').length, 2);
  });

  test('waits when the SMSC takes no more, and goes on with the part that was not taken', async () => {
    await begin();
    await sendWhenBound('first');
    smsc.behaviours.refuse = [0, 0x58];
    const long = rig.outgoing('y'.repeat(400));
    const error = await failure(alice.session.send(rig.address(PHONE), long));
    assert.equal(error.kind, 'too-fast');
    assert.equal(error.retryAfterMs, 1_000);
    const again = await failure(alice.session.send(rig.address(PHONE), long));
    assert.equal(again.kind, 'too-fast');
    await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
    await alice.session.send(rig.address(PHONE), long);
    assert.equal(
      smsc.submitted
        .slice(1)
        .map(({ text }) => text)
        .join(''),
      long.text,
    );
  });

  test('is refused with the status of the SMSC', async () => {
    await begin();
    await sendWhenBound('first');
    smsc.behaviours.refuse = [0x0b];
    const error = await failure(alice.send(PHONE, 'Hello'));
    assert.equal(error.kind, 'not-found');
    assert.match(error.message, /ESME_RINVDSTADR/);
  });

  test('is uncertain when the connection ends before the answer, and the link comes back', async () => {
    await begin();
    await sendWhenBound('first');
    smsc.behaviours.mute = 1;
    const message = rig.outgoing('Hello');
    assert.equal(
      (await failure(alice.session.send(rig.address(PHONE), message))).kind,
      'uncertain',
    );
    assert.equal(await alice.session.wasTaken?.(rig.address(PHONE), message), undefined);
    await sendWhenBound('again');
    assert.equal(smsc.submitted.at(-1)?.text, 'again');
    assert.equal(smsc.binds.length, 2);
  });

  test('is worth another try while the SMSC is away', async () => {
    await begin();
    await sendWhenBound('first');
    const { port } = smsc;
    await smsc.stop();
    assert.match((await failure(alice.send(PHONE, 'Hello'))).kind, /unreachable|uncertain/);
    assert.equal((await failure(alice.send(PHONE, 'Hello'))).kind, 'unreachable');
    smsc = await new Smsc(port).start();
    await sendWhenBound('back');
    assert.deepEqual(
      smsc.submitted.map(({ text }) => text),
      ['back'],
    );
  });
});

describe('a text that comes in by SMPP', () => {
  test('is a message, whatever its letters', async () => {
    await begin();
    const [source_addr, destination_addr] = ['15005550010', '15005550006'];
    for (const short_message of ['Hello @ €', 'Привет 🌹']) {
      assert.equal(await smsc.deliver({ source_addr, destination_addr, short_message }), 0);
    }
    const messages = alice.events('message');
    assert.deepEqual(
      messages.map(({ from, text }) => [from, text]),
      [
        [PHONE, 'Hello @ €'],
        [PHONE, 'Привет 🌹'],
      ],
    );
    assert.notEqual(messages[0]?.id, messages[1]?.id);
  });

  test('in parts is one message, though they come in no order and over a restart', async () => {
    await begin();
    const part = (number: number, message: string): Promise<number> =>
      smsc.deliver({
        source_addr: '15005550010',
        destination_addr: '15005550006',
        short_message: { udh: Buffer.from([5, 0, 3, 99, 3, number]), message },
      });
    assert.equal(await part(3, 'three'), 0);
    assert.equal(await part(1, 'one '), 0);
    await rig.stop();
    const { account } = alice;
    rig = await new SmsRig(optionsOf(smsc.port), values).start();
    alice = rig.registered(ALICE, account);
    await smsc.until(() => smsc.binds.length === 2 && smsc.isBound, 'another bind');
    assert.deepEqual(alice.events('message'), []);
    assert.equal(await part(2, 'two '), 0);
    assert.deepEqual(
      alice.events('message').map(({ text }) => text),
      ['one two three'],
    );
  });

  test("comes again later when it could not be stored, and is rejected when the number is nobody's", async () => {
    await begin();
    alice.host.emit = () => Promise.reject(new Error('disk full'));
    const message = { source_addr: '15005550010', short_message: 'Hi' };
    assert.equal(await smsc.deliver({ ...message, destination_addr: '15005550006' }), 0x64);
    assert.equal(await smsc.deliver({ ...message, destination_addr: '12025550199' }), 0x66);
  });
});

describe('the link to an SMSC', () => {
  test('is given up when it says nothing, and made anew', async () => {
    await begin({ enquireLinkMs: 20, responseTimeoutMs: 50 });
    await sendWhenBound('first');
    smsc.behaviours.isSilent = true;
    await smsc.until(() => !smsc.isBound, 'the end of the connection');
    smsc.behaviours.isSilent = false;
    await smsc.until(() => smsc.isBound, 'another bind');
    assert.equal(smsc.binds.length >= 2, true);
  });

  test('says to the operator, and not to users, that the password is wrong', async () => {
    smsc.behaviours.password = 'other';
    values = new Map();
    rig = await new SmsRig(optionsOf(smsc.port), values).start();
    alice = await rig.person(ALICE);
    await smsc.until(() => smsc.binds.length > 0, 'a bind');
    assert.equal((await failure(alice.send(PHONE, 'Hello'))).kind, 'unreachable');
    await smsc.until(() => smsc.binds.length > 1, 'another bind');
    assert.match(rig.lines.join(''), /ESME_RINVPASWD/);
  });
});
