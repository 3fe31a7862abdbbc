import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactId } from 'causeway/plugin';
import { child, childText } from '../../harness/xml-element.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;

test('shows a member with all that is known of her, whatever characters it has', async () => {
  const world = await LoopbackWorld.start();
  try {
    const alice = await world.client('alice');
    await enter(alice, GARDEN, 'alice');
    world.network.join('#garden', `O'Neil & "so"`, {
      rank: 'moderator',
      contact: contactId("o'neil&"),
      show: 'away',
      status: '5 < 6 & \u0007',
    });
    const presence = await alice.expect(
      ({ name, attrs }) => name === 'presence' && attrs['from'] === `${GARDEN}/O'Neil & "so"`,
    );
    assert.equal(childText(presence, 'show'), 'away');
    assert.equal(childText(presence, 'status'), '5 < 6 & \ufffd');
    const x = child(presence, 'x', 'http://jabber.org/protocol/muc#user');
    assert.ok(x !== undefined);
    const item = child(x, 'item');
    assert.deepEqual(item?.attrs, {
      affiliation: 'member',
      role: 'moderator',
      jid: `o\\27neil\\26@${LOOP}`,
    });
    assert.notEqual(child(presence, 'occupant-id', 'urn:xmpp:occupant-id:0'), undefined);
  } finally {
    await world.stop();
  }
});
