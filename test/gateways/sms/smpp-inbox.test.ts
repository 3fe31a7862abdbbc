import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { Smsc } from '../../harness/smsc.ts';
import { ALICE, ALICES_NUMBER, PHONE, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

const GIVEN_UP_MS = 10 * 60_000;

let smsc: Smsc;
let rig: SmsRig;
let alice: Person;

beforeEach(async () => {
  smsc = await new Smsc().start();
  const provider = { type: 'smpp', host: '127.0.0.1', port: smsc.port, systemId: 'causeway' };
  rig = await new SmsRig({
    region: 'US',
    provider: { ...provider, password: 'secret' },
    numbers: { [ALICES_NUMBER]: ALICE },
  }).start();
  alice = await rig.person(ALICE);
  await smsc.until(() => smsc.isBound, 'a bind');
});
afterEach(async () => {
  mock.timers.reset();
  await rig.stop();
  await smsc.stop();
});

const said = (): string[] => alice.events('message').map(({ text }) => text);

async function deliver(fields: Readonly<Record<string, unknown>>): Promise<void> {
  const addresses = { source_addr: '15005550010', destination_addr: '15005550006' };
  assert.equal(await smsc.deliver({ ...addresses, ...fields }), 0);
}

/** The next event finds the disk full. */
function failOnce(): void {
  const { host } = alice;
  const emit = host.emit.bind(host);
  host.emit = () => {
    host.emit = emit;
    return Promise.reject(new Error('disk full'));
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

function part(number: number, message: string | Buffer, of = 3): Promise<void> {
  const udh = Buffer.from([5, 0, 3, 99, of, number]);
  return deliver({ short_message: { udh, message } });
}

describe('a text that comes in by SMPP is read', () => {
  const codings: readonly (readonly [what: string, coding: number, bytes: Buffer, text: string])[] =
    [
      ['in Cyrillic', 0x06, Buffer.from([0xbf, 0xe0, 0xd8, 0xd2, 0xd5, 0xe2]), 'Привет'],
      ['in Hebrew', 0x07, Buffer.from([0xf9, 0xec, 0xe5, 0xed]), 'שלום'],
      ['for the card, in the alphabet of GSM', 0xf2, Buffer.from([0x00, 0x7e, 0x1e]), '@üß'],
      ['for the phone, in UCS-2', 0x19, ucs2('Класс'), 'Класс'],
      ['as a flash', 0x18, ucs2('Флеш'), 'Флеш'],
      ['as bytes that are UTF-8', 0x04, Buffer.from('Grüße'), 'Grüße'],
      ['as bytes that are Latin 1', 0x04, Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ];
  for (const [what, data_coding, short_message, text] of codings) {
    test(what, async () => {
      await deliver({ data_coding, short_message });
      assert.deepEqual(said(), [text]);
    });
  }

  test('and said in words where there is nothing to read', async () => {
    const push = Buffer.from('0601ae02056a0045c60c03', 'hex');
    const udh = Buffer.from([6, 5, 4, 0x0b, 0x84, 0x23, 0xf0]);
    await deliver({ data_coding: 4, short_message: { udh, message: push } });
    await deliver({ short_message: '' });
    assert.deepEqual(said(), [
      '(a message for the phone itself, 11 bytes, and no text)',
      '(a text without a word)',
    ]);
  });

  test('without characters that are none', async () => {
    await deliver({ data_coding: 0x18, short_message: ucs2('\u0000Hel\u0000lo') });
    assert.deepEqual(said(), ['Hello']);
  });

  test('and said in words where one part of several is none', async () => {
    const udh = (number: number): Buffer => Buffer.from([5, 0, 3, 7, 2, number]);
    const message = Buffer.from('00ff', 'hex');
    await deliver({ data_coding: 4, short_message: { udh: udh(2), message } });
    await deliver({ data_coding: 4, short_message: { udh: udh(1), message } });
    assert.deepEqual(said(), ['(a message for the phone itself, 4 bytes, and no text)']);
  });
});

test('a sender by SMPP is known though its type of number is wrong', async () => {
  for (const [source_addr, source_addr_ton] of [
    ['0015005550010', 1],
    ['+15005550010', 1],
    ['5005550010', 0],
    ['12345', 1],
    ['12345', 0],
    ['My Bank', 0],
  ] as const) {
    await deliver({ source_addr, source_addr_ton, short_message: 'Hello' });
  }
  assert.deepEqual(
    alice.events('message').map(({ from }) => from),
    [
      PHONE,
      PHONE,
      PHONE,
      '12345;phone-context=us',
      '12345;phone-context=us',
      'my bank;phone-context=alphanumeric',
    ],
  );
});

describe('the parts of a text', () => {
  test('that are told again do not come into the next text', async () => {
    for (const [number, text] of [
      [3, 'three'],
      [1, 'one '],
      [1, 'one '],
      [2, 'two '],
    ] as const) {
      await part(number, text);
    }
    await part(2, 'two ');
    await part(1, 'eins ');
    await part(3, 'drei');
    assert.deepEqual(said(), ['one two three']);
    await part(2, 'zwei ');
    assert.deepEqual(said(), ['one two three', 'eins zwei drei']);
  });

  test('are told without those that do not come, and not when they are known', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    await part(1, 'one ');
    await part(3, 'three');
    mock.timers.tick(GIVEN_UP_MS);
    await alice.host.until((events) => events.length === 1, 'what there is');
    assert.deepEqual(said(), ['one  […] three']);
    await part(1, 'a ', 2);
    await part(2, 'b', 2);
    mock.timers.tick(2 * 60_000);
    await part(2, 'b', 2);
    mock.timers.tick(GIVEN_UP_MS);
    await part(1, 'c ', 2);
    await part(2, 'd', 2);
    assert.deepEqual(said(), ['one  […] three', 'a b', 'c d']);
  });

  test('are told later when what there is could not be stored', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    await part(1, 'one ');
    failOnce();
    mock.timers.tick(GIVEN_UP_MS);
    while (!rig.lines.some((line) => line.includes('without all its parts'))) await turn();
    assert.deepEqual(said(), []);
    await part(3, 'three');
    mock.timers.tick(GIVEN_UP_MS);
    await alice.host.until((events) => events.length === 1, 'what there is');
    assert.deepEqual(said(), ['one  […] three']);
  });

  test('are one text also when they come at the same time', async () => {
    await Promise.all([part(1, 'one ', 2), part(2, 'two', 2)]);
    assert.deepEqual(said(), ['one two']);
  });

  test('are one text also when the end of it is told again, as it was not heard of', async () => {
    await part(1, 'one ', 2);
    const ids: unknown[] = [];
    alice.host.emit = (event) => {
      if (event.kind === 'message') ids.push(event.id);
      return ids.length === 1 ? Promise.reject(new Error('killed')) : Promise.resolve();
    };
    const short_message = { udh: Buffer.from([5, 0, 3, 99, 2, 2]), message: 'two' };
    const addresses = { source_addr: '15005550010', destination_addr: '15005550006' };
    assert.equal(await smsc.deliver({ ...addresses, short_message }), 0x64);
    await part(2, 'two', 2);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
  });
});

describe('what an SMSC tells of a text', () => {
  async function sent(to = PHONE, text = 'Hello'): Promise<void> {
    for (;;) {
      try {
        return await alice.send(to, text);
      } catch {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  test('before its end is no text of anybody', async () => {
    await sent();
    const [text] = smsc.submitted;
    const state = `id:${text?.id} sub:001 dlvrd:000 submit date:2611240000 done date:2611240001 stat:ENROUTE err:000 text:`;
    await deliver({ esm_class: 0x20, short_message: state });
    assert.deepEqual(said(), []);
    await deliver({ receipted_message_id: text?.id, message_state: 2 });
    assert.deepEqual(said(), []);
    assert.equal(alice.events('receipt').length, 1);
  });

  test('is told though the fields for it are empty', async () => {
    await sent();
    const [text] = smsc.submitted;
    for (const receipted_message_id of ['', '\u0000']) {
      await deliver({
        esm_class: 0x04,
        receipted_message_id,
        short_message: `id:${text?.id} sub:001 dlvrd:001 submit date:2611240000 done date:2611240001 stat:DELIVRD err:000 text:`,
      });
      assert.equal(alice.events('receipt').length, 1);
    }
  });

  test('of several parts is told again when it could not be noted', async () => {
    await sent(PHONE, 'x'.repeat(200));
    const [first, second] = smsc.submitted;
    if (first === undefined || second === undefined) assert.fail();
    await smsc.report(first, 'DELIVRD');
    failOnce();
    // Without an answer.
    smsc.report(second, 'DELIVRD').catch(() => undefined);
    while (!rig.lines.some((line) => line.includes('could not be handled'))) await turn();
    assert.deepEqual(alice.events('receipt'), []);
    for (let count = 0; count < 2; count += 1) await smsc.report(second, 'DELIVRD');
    assert.equal(alice.events('receipt').length, 1);
  });

  test('again says nothing of another text, whose id looks like it in other digits', async () => {
    for (let count = 0; count < 16; count += 1) await sent(`+1500555${1000 + count}`);
    const [tenth, sixteenth] = [smsc.submitted[9], smsc.submitted[15]];
    assert.deepEqual([tenth?.id, sixteenth?.id], ['0000000a', '00000010']);
    if (sixteenth === undefined) return;
    // In decimal digits the sixteenth is the tenth in hexadecimal ones.
    for (let count = 0; count < 2; count += 1) {
      await smsc.report({ ...sixteenth, id: '16' }, 'DELIVRD');
      await smsc.report({ ...sixteenth, id: '10' }, 'DELIVRD');
    }
    assert.deepEqual(
      alice.events('receipt').map(({ to }) => to.id),
      ['+15005551015'],
    );
  });

  test('of a text that was never ours says nothing of the one that gets its id', async () => {
    await sent();
    await smsc.report(
      { ...(smsc.submitted[0] ?? assert.fail()), id: '2', to: '15005559999' },
      'DELIVRD',
    );
    await sent();
    for (const text of ['one', 'two']) await deliver({ short_message: text });
    assert.deepEqual(alice.events('receipt'), []);
  });
});
