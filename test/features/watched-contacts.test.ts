import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;

/** A network without a list of contacts of its own. */
test('tells the network whose presence the user wants to see, and when she no longer does', async (context) => {
  const world = await LoopbackWorld.start({ options: ['features: [watch, presence]'] });
  context.after(() => world.stop());
  const alice = await world.client('alice');
  await world.register(alice);
  await world.network.expect('presence');
  alice.send(`<presence to='${ROMEO}' type='subscribe'/>`);
  assert.deepEqual((await world.network.expect('watch')).args, [contactId('romeo'), true]);
  await alice.expect(`<presence from='${ROMEO}' type='subscribed'/>`);
  alice.send(`<presence to='${ROMEO}' type='subscribe'/>`);
  alice.send(`<presence to='${ROMEO}' type='unsubscribe'/>`);
  assert.deepEqual((await world.network.expect('watch')).args, [contactId('romeo'), false]);
  alice.send(`<presence to='causeway@${LOOP}' type='subscribe'/>`);
  await alice.expect(`<presence from='causeway@${LOOP}' type='subscribed'/>`);
  const calls = world.network.calls.recorded.filter(({ method }) => method === 'watch');
  assert.equal(calls.length, 2, 'nothing is told twice, or of anything but contacts');
});
