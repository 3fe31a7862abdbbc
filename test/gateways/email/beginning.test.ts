import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, heard, mail, MailWorld } from './mail-world.ts';

test('who asks a mailbox for mails before all is read that is known of it waits for that', async (context) => {
  const world = await MailWorld.start();
  context.after(() => world.stop());
  world.server.deliver(ALICE, mail({ 'Message-ID': '<1@mail.test>' }, 'Old news'));
  const host = new RecordingHost();
  const { memory } = host;
  const get = memory.get.bind(memory);
  memory.get = async (key) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return get(key);
  };
  const { session } = await world.open(undefined, host);
  assert.equal(await session.mailbox.recent(1), 1);
  await heard(host, 'Old news');
});
