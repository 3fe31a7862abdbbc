import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, NetworkError } from 'causeway/plugin';
import { enter } from '../scenario/world.ts';
import { LOOP, LoopbackWorld } from './world.ts';

const GARDEN = `#garden@${LOOP}`;

describe('users of the loopback gateway', () => {
  let world: LoopbackWorld;
  beforeEach(async () => (world = await LoopbackWorld.start()));
  afterEach(() => world.stop());

  test('talk with each other in private', async () => {
    const alice = await world.client('alice');
    const bob = await world.client('bob');
    await world.register(alice);
    await world.register(bob);
    alice.send(`<message type='chat' to='bob@${LOOP}'><body>Hello, Bob</body></message>`);
    await bob.expect(`<message type='chat' from='alice@${LOOP}'><body>Hello, Bob</body></message>`);
    bob.send(`<message type='chat' to='alice@${LOOP}'><body>Hello, Alice</body></message>`);
    await alice.expect(
      `<message type='chat' from='bob@${LOOP}'><body>Hello, Alice</body></message>`,
    );
  });

  test('meet in a room, with each other and with those whom a test plays', async () => {
    const alice = await world.client('alice');
    const bob = await world.client('bob');
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    await enter(bob, GARDEN, 'bob');
    await alice.expect(`<presence from='${GARDEN}/bob'/>`);
    alice.send(`<message type='groupchat' to='${GARDEN}'><body>Good day</body></message>`);
    await bob.expect(
      `<message type='groupchat' from='${GARDEN}/alice'><body>Good day</body></message>`,
    );
    world.network.say('#garden', 'Romeo', 'But soft');
    for (const client of [alice, bob]) {
      await client.expect(
        `<message type='groupchat' from='${GARDEN}/Romeo'><body>But soft</body></message>`,
      );
    }
    bob.send(`<presence type='unavailable' to='${GARDEN}/bob'/>`);
    await alice.expect(`<presence type='unavailable' from='${GARDEN}/bob'/>`);
  });

  test('are told what a test has the network refuse', async () => {
    const alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
    world.network.refuseNext('send', new NetworkError('refused', 'Romeo is not to be disturbed.'));
    alice.send(`<message type='chat' id='m1' to='romeo@${LOOP}'><body>Hello</body></message>`);
    await alice.expect(
      `<message type='error' id='m1' from='romeo@${LOOP}'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Romeo is not to be disturbed.</text></error></message>`,
    );
    alice.send(`<message type='chat' to='romeo@${LOOP}'><body>Hello?</body></message>`);
    const { user, args } = await world.network.expect('send', (call) =>
      JSON.stringify(call.args).includes('Hello?'),
    );
    assert.equal(user, 'alice');
    assert.deepEqual(args[0], { kind: 'contact', id: contactId('romeo') });
  });

  test('wait as long as a test holds the network up', async () => {
    const alice = await world.client('alice');
    world.network.join('#garden', 'Romeo');
    const release = world.network.slow('join');
    alice.send(
      `<presence to='${GARDEN}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await world.network.expect('join');
    await alice.expectNothing(`<presence from='${GARDEN}/alice'/>`);
    release();
    await alice.expect(`<presence from='${GARDEN}/alice'/>`);
  });

  test('come back into their rooms when a test has cut them off', async () => {
    const alice = await world.client('alice');
    await world.register(alice);
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    await world.network.expect('join');
    world.network.dropConnection('alice');
    await world.network.expect('join');
    await world.network.expect('run', ({ user }) => user === 'alice');
    alice.send(`<message type='groupchat' to='${GARDEN}'><body>Back</body></message>`);
    await alice.expect(
      `<message type='groupchat' from='${GARDEN}/alice'><body>Back</body></message>`,
    );
  });
});
