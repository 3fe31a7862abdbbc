import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const ADMIN = 'http://jabber.org/protocol/muc#admin';

let world: LoopbackWorld;
let alice: XmppClient;
beforeEach(async () => {
  world = await LoopbackWorld.start();
  alice = await world.client('alice');
  await enter(alice, GARDEN, 'alice');
});
afterEach(() => world.stop());

const query = (type: string, item: string): ReturnType<XmppClient['iq']> =>
  alice.iq(`<iq type='${type}' to='${GARDEN}'><query xmlns='${ADMIN}'>${item}</query></iq>`);

test('somebody who is not there is banned by JID, is in the list, and is let in again', async () => {
  await query(
    'set',
    `<item affiliation='outcast' jid='tybalt@${LOOP}'><reason>Duel</reason></item>`,
  );
  const listed = await query('get', "<item affiliation='outcast'/>");
  assert.ok(JSON.stringify(listed).includes(`tybalt@${LOOP}`));
  await query('set', `<item affiliation='none' jid='tybalt@${LOOP}'/>`);
  const empty = await query('get', "<item affiliation='outcast'/>");
  assert.ok(!JSON.stringify(empty).includes('tybalt'));
});

test('letting somebody in again who was never banned is answered', async () => {
  const answer = await query('set', `<item affiliation='none' jid='nobody@${LOOP}'/>`);
  assert.match(answer.attrs['type'] ?? '', /^(result|error)$/);
});
