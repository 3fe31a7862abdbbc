import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId } from '../../../src/plugin/index.ts';
import { BOB, MailWorld } from './mail-world.ts';

describe('the contacts of a mailbox', { timeout: 60_000 }, () => {
  let world: MailWorld;
  beforeEach(async () => (world = await MailWorld.start()));
  afterEach(() => world.stop());

  test('are known at once when the user adds them, as nobody has to agree', async () => {
    const { host, session } = await world.open();
    await session.changeContact(contactId(BOB), 'add');
    assert.deepEqual(host.events, [{ kind: 'contact', contact: { id: contactId(BOB) } }]);
    await session.changeContact(contactId(BOB), 'remove');
    assert.equal(host.events.length, 1);
  });
});
