import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from '../../../gateways/email/digest.ts';
import { texts } from '../../../gateways/email/texts.ts';
import { RecordingHost } from '../../contract/recording-host.ts';

test('a newsletter that comes while others are told is in the next digest', async () => {
  const host = new RecordingHost();
  const digest = new Digest(host, () => texts('en'), 3_600_000);
  host.stallAt(({ kind }) => kind === 'notice');
  await digest.add('Shop', 'One');
  const telling = digest.tell();
  await host.until((events) => events.length === 1, 'the digest');
  const adding = digest.add('Shop', 'Two');
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
  await assert.rejects(digest.add('Shop', 'Sale'));
  memory.set = set;
  await digest.add('Shop', 'Sale');
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
  for (let count = 0; count < 60; count += 1) await digest.add('Shop', '\u0001'.repeat(1_000));
  await digest.add('Shop', 'The last');
  await digest.tell();
  const told = host.events.map((event) => (event.kind === 'notice' ? event.text : '')).join('\n');
  assert.equal(told.match(/^• Shop/gm)?.length, 61);
  digest.stop();
});
