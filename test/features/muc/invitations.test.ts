import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const MUC_USER = 'http://jabber.org/protocol/muc#user';

let world: LoopbackWorld;
let alice: XmppClient;
let bob: XmppClient;
beforeEach(async () => {
  world = await LoopbackWorld.start();
  alice = await world.client('alice');
  bob = await world.client('bob');
  await world.register(alice);
  await world.register(bob);
  await enter(alice, GARDEN, 'alice');
});
afterEach(() => world.stop());

const invite = (to: string, id: string): void =>
  alice.send(
    `<message id='${id}' to='${GARDEN}'><x xmlns='${MUC_USER}'><invite to='${to}'><reason>Roses</reason></invite></x></message>`,
  );

test('an invitation goes to the contact, and arrives as one from the room', async () => {
  invite(`bob@${LOOP}`, 'i1');
  const [, , reason] = (await world.network.expect('invite')).args;
  assert.equal(reason, 'Roses');
  const asked = await bob.expect(
    `<message from='${GARDEN}'><x xmlns='${MUC_USER}'><invite/></x></message>`,
  );
  assert.notEqual(asked.attrs['type'], 'groupchat');
});

test('an invitation of somebody who is not on the network is refused', async () => {
  for (const [index, to] of ['juliet@elsewhere.example', LOOP, ''].entries()) {
    invite(to, `i${index}`);
    await alice.expect(`<message type='error' id='i${index}'><error/></message>`);
  }
});

test('an invitation of a Jabber user who may use the gateway is passed on from the room', async () => {
  invite('bob@localhost/desk', 'j1');
  await bob.expect(
    `<message from='${GARDEN}' to='bob@localhost'><x xmlns='${MUC_USER}'><invite from='alice@localhost'><reason>Roses</reason></invite></x></message>`,
  );
  await alice.expectNothing(`<message type='error' id='j1'/>`);
});

test('that an invitation was declined nobody is told, which is not kept from who declines', async () => {
  bob.send(
    `<message id='d1' to='${GARDEN}'><x xmlns='${MUC_USER}'><decline to='alice@${LOOP}'/></x></message>`,
  );
  await bob.expect(
    `<message type='error' id='d1'><error><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
  );
});

test('what is no invitation, or comes from outside the room, is refused', async () => {
  alice.send(`<message id='n1' to='${GARDEN}'><body>Hello</body></message>`);
  await alice.expect(`<message type='error' id='n1'/>`);
  bob.send(
    `<message id='n2' to='${GARDEN}'><x xmlns='${MUC_USER}'><invite to='alice@${LOOP}'/></x></message>`,
  );
  await bob.expect(`<message type='error' id='n2'/>`);
});

test('an invitation by a message to the contact is passed on, or refused', async () => {
  const inviteBob = (room: string, id: string): void =>
    alice.send(
      `<message id='${id}' to='bob@${LOOP}'><x xmlns='jabber:x:conference' jid='${room}' reason='Roses'/></message>`,
    );
  inviteBob(GARDEN, 'd1');
  await bob.expect(`<message from='${GARDEN}'><x xmlns='${MUC_USER}'><invite/></x></message>`);
  for (const [index, room] of ['talk@rooms.example', `bob@${LOOP}`, `#other@${LOOP}`].entries()) {
    inviteBob(room, `e${index}`);
    await alice.expect(
      `<message type='error' id='e${index}' from='bob@${LOOP}'><error/></message>`,
    );
  }
});
