import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from '../../../gateways/email/digest.ts';
import { texts } from '../../../gateways/email/texts.ts';
import { memoryOf, RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, heard, mail, MailWorld } from './mail-world.ts';

test('a newsletter that comes while others are told is in the next digest', async () => {
  const host = new RecordingHost();
  const digest = new Digest(host, () => texts('en'), 3_600_000);
  host.stallAt(({ kind }) => kind === 'notice');
  await digest.add('1', 'Shop', 'One');
  const telling = digest.tell();
  await host.until((events) => events.length === 1, 'the digest');
  const adding = digest.add('2', 'Shop', 'Two');
  host.catchUp();
  await Promise.all([telling, adding]);
  await digest.tell();
  const told = host.events.map((event) => (event.kind === 'notice' ? event.text : ''));
  assert.match(told[0] ?? '', /One$/);
  assert.match(told[1] ?? '', /Two$/);
  assert.equal(new Set(host.events.map((event) => 'id' in event && event.id)).size, 2);
  digest.stop();
});

test('a line that could not be kept is there once when it is added again', async () => {
  const host = new RecordingHost();
  const digest = new Digest(host, () => texts('en'), 3_600_000);
  const { memory } = host;
  const set = memory.set.bind(memory);
  memory.set = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(digest.add('1', 'Shop', 'Sale'));
  memory.set = set;
  await digest.add('1', 'Shop', 'Sale');
  await digest.tell();
  const [told] = host.events.map((event) => (event.kind === 'notice' ? event.text : ''));
  assert.equal(told?.match(/Sale/g)?.length, 1);
  digest.stop();
});

test('as many lines as there are, of whatever they are made, can be kept', async () => {
  const host = new RecordingHost();
  const digest = new Digest(host, () => texts('en'), 3_600_000);
  const { memory } = host;
  const set = memory.set.bind(memory);
  memory.set = async (key, value) => {
    if (value.length > 65_536) throw new RangeError('too long to keep');
    await set(key, value);
  };
  for (let count = 0; count < 60; count += 1)
    await digest.add(`${count}`, 'Shop', '\u0001'.repeat(1_000));
  await digest.add('last', 'Shop', 'The last');
  await digest.tell();
  const told = host.events.map((event) => (event.kind === 'notice' ? event.text : '')).join('\n');
  assert.equal(told.match(/^• Shop/gm)?.length, 61);
  digest.stop();
});

test('a mail that is read again after a crash is no other line, though the first was told', async () => {
  const host = new RecordingHost();
  const digest = new Digest(host, () => texts('en'), 3_600_000);
  await digest.add('1', 'Shop', 'One');
  await digest.add('2', 'Shop', 'Two');
  digest.stop();
  const again = new Digest(host, () => texts('en'), 3_600_000);
  await again.add('2', 'Shop', 'Two');
  await again.tell();
  again.stop();
  const third = new Digest(host, () => texts('en'), 3_600_000);
  await third.add('1', 'Shop', 'One');
  await third.add('3', 'Shop', 'Three');
  await third.tell();
  third.stop();
  const told = host.events.map((event) => (event.kind === 'notice' ? event.text : ''));
  assert.deepEqual(
    told.map((text) => text.split('\n').slice(1)),
    [['• Shop: One', '• Shop: Two'], ['• Shop: Three']],
  );
});

test('a newsletter is one line, though the program ended before the place where reading goes on was kept', async (context) => {
  const world = await MailWorld.start({ timings: { digestMs: 3_600_000, reconnectMinMs: 20 } });
  context.after(() => world.stop());
  const host = new RecordingHost();
  const { memory } = host;
  const set = memory.set.bind(memory);
  const values = new Map<string, string>();
  const gathered = new Promise<void>((resolve) => {
    memory.set = async (key, value) => {
      // What is written after the line does not reach the disk any more.
      if (values.has('digest')) throw new Error('the program has ended');
      values.set(key, value);
      await set(key, value);
      if (key === 'digest') resolve();
    };
  });
  const account = await world.register();
  const first = await world.open(account, host);
  const fields = { Subject: 'Sale', 'List-Unsubscribe': '<https://shop.test/u>' };
  world.server.deliver(ALICE, mail({ ...fields, 'Message-ID': '<sale@shop.test>' }, 'Buy!'));
  await gathered;
  await first.end();
  const after = Object.assign(new RecordingHost(), { memory: memoryOf(values) });
  await world.open(account, after);
  world.server.deliver(ALICE, mail({ 'Message-ID': '<last@b>' }, 'The last'));
  await heard(after, 'The last');
  const kept: unknown = JSON.parse(values.get('digest') ?? '');
  assert.deepEqual((kept as { lines: unknown }).lines, ['Bob <bob@mail.test>: Sale']);
});
