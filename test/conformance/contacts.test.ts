import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, NetworkError } from '../../src/plugin/index.ts';
import { child, text } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const romeo = contactId('romeo');
const ROMEO = `romeo@${LOOP}`;
const SEEN = `${ROMEO}/causeway`;
const NICK = 'http://jabber.org/protocol/nick';

/** XEP-0100 §4.6, 4.7, 5.1, 5.2: contacts that come and go, whoever wants it. */
describe('contacts', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
    await world.register(alice);
    await world.network.expect('presence');
    world.network.meet('romeo');
  });
  afterEach(() => world.stop());

  const settled = async (): Promise<void> => {
    await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='jabber:iq:register'/></iq>`);
  };
  const subscribe = (): void =>
    alice.send(`<presence to='${ROMEO}' type='subscribe'><status>Hello</status></presence>`);
  /** The types of presence that came from the contact, in order. */
  const fromRomeo = (): (string | undefined)[] =>
    alice
      .takeAll()
      .filter(({ name, attrs }) => name === 'presence' && attrs['from']?.startsWith(ROMEO) === true)
      .map(({ attrs }) => attrs['type'] ?? 'available');
  const changes = (): unknown[] =>
    world.network.calls.recorded
      .filter(({ method }) => method === 'changeContact')
      .map(({ args }) => args[1]);
  const agree = async (): Promise<void> => {
    subscribe();
    await world.network.expect('changeContact');
    world.network.emit('alice', { kind: 'contact', contact: { id: romeo, show: 'online' } });
    await alice.expect(`<presence from='${ROMEO}' type='subscribed'/>`);
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    alice.send(`<presence to='${ROMEO}' type='subscribed'/>`);
    await settled();
    alice.takeAll();
  };

  test('G30, G31, G33: the network is asked; its yes is subscribed, presence, subscribe in this order, and then no more', async () => {
    subscribe();
    const { args } = await world.network.expect('changeContact');
    assert.deepEqual(args, [romeo, 'add', { text: 'Hello' }]);
    await settled();
    assert.deepEqual(fromRomeo(), []);
    subscribe();
    await settled();
    world.network.emit('alice', { kind: 'contact', contact: { id: romeo, show: 'away' } });
    await settled();
    await alice.expect(`<presence from='${SEEN}'><show>away</show></presence>`);
    assert.deepEqual(fromRomeo(), ['subscribed', 'subscribe']);
    alice.send(`<presence to='${ROMEO}' type='subscribed'/>`);
    await settled();
    assert.deepEqual(fromRomeo(), []);
    assert.deepEqual(changes(), ['add']);
  });

  test('G32: its no is unsubscribed, whether it comes at once or later', async () => {
    world.network.refuseNext('changeContact', new NetworkError('not-found', 'Who?'));
    subscribe();
    await alice.expect(
      `<presence from='${ROMEO}' type='unsubscribed'><status>Who?</status></presence>`,
    );
    await world.network.expect('changeContact');
    subscribe();
    await world.network.expect('changeContact');
    world.network.emit('alice', { kind: 'contact-removed', contact: romeo });
    await alice.expect(`<presence from='${ROMEO}' type='unsubscribed'/>`);
    await settled();
    assert.deepEqual(fromRomeo(), []);
  });

  test('G34, G35: who is taken off the roster is taken off the network, and not offered again', async () => {
    await agree();
    await alice.iq(
      `<iq type='set'><query xmlns='jabber:iq:roster'><item jid='${ROMEO}' subscription='remove'/></query></iq>`,
    );
    await world.network.expect('changeContact', ({ args }) => args[1] === 'remove');
    await settled();
    alice.takeAll();
    const before = world.network.calls.recorded.length;
    alice.send(`<presence to='${ROMEO}'><show>chat</show></presence>`);
    await settled();
    assert.equal(world.network.calls.recorded.length, before);
    world.network.emit('alice', {
      kind: 'contact-list',
      contacts: [{ id: romeo, show: 'online' }],
      isComplete: true,
    });
    await settled();
    assert.deepEqual(fromRomeo(), []);
    await alice.close();
    alice = await world.client('alice', 'again');
    await settled();
    assert.deepEqual(fromRomeo(), []);
  });

  test('G36, G37: a contact that asks says subscribe under its name with its words, once, and is answered', async () => {
    const asks = {
      kind: 'contact-asks',
      contact: romeo,
      name: 'Romeo M.',
      text: 'It is I',
    } as const;
    world.network.emit('alice', asks);
    world.network.emit('alice', asks);
    const request = await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    const nick = child(request, 'nick', NICK);
    assert.equal(nick && text(nick), 'Romeo M.');
    assert.equal(text(child(request, 'status')), 'It is I');
    await settled();
    assert.deepEqual(fromRomeo(), []);
    alice.send(`<presence to='${ROMEO}' type='subscribed'/>`);
    const { args } = await world.network.expect('changeContact');
    assert.deepEqual(args, [romeo, 'accept', {}]);
    await settled();
    assert.equal(world.network.person(romeo).list.has(contactId('alice')), true);
    // Who is trusted already needs no second yes.
    world.network.emit('alice', asks);
    await world.network.expect('changeContact', ({ args: again }) => again[1] === 'accept');
    await settled();
    assert.deepEqual(fromRomeo(), []);
  });

  test('G38: who has let a contact in and wants to see it in turn, does', async () => {
    world.network.emit('alice', { kind: 'contact-asks', contact: romeo });
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    alice.send(`<presence to='${ROMEO}' type='subscribed'/>`);
    subscribe();
    await world.network.expect('changeContact', ({ args }) => args[1] === 'add');
    world.network.emit('alice', { kind: 'contact', contact: { id: romeo, show: 'dnd' } });
    await alice.expect(`<presence from='${ROMEO}' type='subscribed'/>`);
    await alice.expect(`<presence from='${SEEN}'><show>dnd</show></presence>`);
    await settled();
    assert.deepEqual(fromRomeo(), []);
  });

  test('G39: a contact that the user turns down is refused on the network', async () => {
    world.network.emit('alice', { kind: 'contact-asks', contact: romeo });
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    alice.send(`<presence to='${ROMEO}' type='unsubscribed'/>`);
    const { args } = await world.network.expect('changeContact');
    assert.deepEqual(args, [romeo, 'refuse', {}]);
    alice.send(`<presence to='${ROMEO}'><show>chat</show></presence>`);
    await settled();
    assert.deepEqual(changes(), ['refuse']);
    const told = world.network.calls.recorded.filter(({ method }) => method === 'presence');
    assert.deepEqual(told.at(-1)?.args, ['online']);
  });

  test('G40: a contact that leaves says unsubscribe, unsubscribed, unavailable', async () => {
    await agree();
    world.network.emit('alice', { kind: 'contact-removed', contact: romeo });
    await alice.expect(`<presence from='${SEEN}' type='unavailable'/>`);
    assert.deepEqual(fromRomeo(), ['unsubscribe', 'unsubscribed']);
    world.network.emit('alice', { kind: 'contact-removed', contact: romeo });
    await settled();
    assert.deepEqual(fromRomeo(), []);
  });

  test('a contact that asks a thousand times is heard once', async () => {
    await world.network.flood('alice', 1_000, () => ({ kind: 'contact-asks', contact: romeo }));
    await settled();
    assert.deepEqual(fromRomeo(), ['subscribe']);
  });

  test('a subscribed that nobody asked for makes nobody tell us anything', async () => {
    alice.send(`<presence to='juliet@${LOOP}' type='subscribed'/>`);
    await settled();
    assert.deepEqual(changes(), []);
  });
});
