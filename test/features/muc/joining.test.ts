import { afterEach, beforeEach, test } from 'node:test';
import { NetworkError, roomId } from 'causeway/plugin';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const MUC = 'http://jabber.org/protocol/muc';

let world: LoopbackWorld;
let alice: XmppClient;
beforeEach(async () => {
  world = await LoopbackWorld.start();
  alice = await world.client('alice');
});
afterEach(() => world.stop());

const join = (): void =>
  alice.send(`<presence to='${GARDEN}/juliet'><x xmlns='${MUC}'/></presence>`);
const reconnect = (): ReturnType<XmppClient['iq']> =>
  alice.iq(
    `<iq type='set' to='${LOOP}'><command xmlns='http://jabber.org/protocol/commands' node='causeway:reconnect'/></iq>`,
  );
const refusal = (condition: string): string =>
  `<presence type='error' from='${GARDEN}/juliet'><x xmlns='${MUC}'/><error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`;

test('who registers while she waits to be let in is let in', async () => {
  const release = world.network.slow('join');
  join();
  await world.network.expect('join');
  await world.register(alice);
  await world.network.expect('join');
  release();
  await alice.expect(
    `<presence from='${GARDEN}/juliet'><x xmlns='${MUC}#user'><status code='110'/></x></presence>`,
  );
  await alice.expectNothing(`<presence type='error' from='${GARDEN}/juliet'/>`);
  await alice.expectNothing(
    `<message from='${GARDEN}'><x xmlns='${MUC}#user'><invite/></x></message>`,
  );
});

test('who is in a room by another address is told which', async () => {
  await world.register(alice);
  const address = { kind: 'room', id: roomId('#rose garden') } as const;
  world.network.refuseNext('join', new NetworkError('elsewhere', 'Already there.', { address }));
  join();
  await alice.expect(
    `<presence type='error' from='${GARDEN}/juliet'><x xmlns='${MUC}'/><error type='modify'><redirect xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:%23rose%5C20garden@${LOOP}?join</redirect></error></presence>`,
  );
});

test('who unregisters while she waits to be let in is told that she will not be', async () => {
  await world.register(alice);
  world.network.slow('join');
  join();
  await world.network.expect('join');
  await alice.iq(
    `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
  );
  await alice.expect(refusal('service-unavailable'));
});

test('who is taken out of a room while she waits to be let in is told so', async () => {
  await world.register(alice);
  world.network.slow('join');
  join();
  await world.network.expect('join');
  const { id: room } = world.network.room('#garden');
  const error = new NetworkError('refused', 'Enough.');
  world.network.emit('alice', { kind: 'room-lost', room, returning: false, error });
  await alice.expect(refusal('forbidden'));
});

test('who connects anew once more before her rooms are back stays in them', async () => {
  await world.register(alice);
  await enter(alice, GARDEN, 'alice');
  await world.network.expect('join');
  const release = world.network.slow('join');
  for (const _ of ['once', 'once more']) {
    await reconnect();
    await world.network.expect('join');
  }
  release();
  await alice.expect(
    `<message type='groupchat' from='${GARDEN}'><body>Back in the room.</body></message>`,
  );
  await alice.expectNothing(`<presence type='unavailable' from='${GARDEN}/alice'/>`);
});

test('who looks for a room where there can be none is told so', async () => {
  for (const address of [`not!an!address@${LOOP}`, `garden@${LOOP}`, `causeway@${LOOP}`, LOOP]) {
    alice.send(`<presence to='${address}/alice'><x xmlns='${MUC}'/></presence>`);
    await alice.expect(
      `<presence type='error' from='${address}/alice'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
  }
});
