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
