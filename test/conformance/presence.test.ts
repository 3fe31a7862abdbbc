import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, NetworkError } from '../../src/plugin/index.ts';
import type { Contact } from '../../src/plugin/index.ts';
import { child } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import type { LoopbackWorldOptions } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';

const CAPS = 'http://jabber.org/protocol/caps';
const INFO = 'http://jabber.org/protocol/disco#info';
const UPDATE = 'vcard-temp:x:update';

const romeo = contactId('romeo');
const ROMEO = `romeo@${LOOP}`;
const SEEN = `${ROMEO}/causeway`;

/** Everything that the client has sent to the gateway has been dealt with, and all that came of it has arrived. */
async function settled(client: XmppClient, timeoutMs?: number): Promise<void> {
  const question = `<iq type='get' to='${LOOP}'><query xmlns='jabber:iq:register'/></iq>`;
  await client.iq(question, timeoutMs);
}

/** The roles that stanzas from these addresses play, in order. */
const told = (stanzas: readonly Element[], from: string): (string | undefined)[] =>
  stanzas
    .filter(({ name, attrs }) => name === 'presence' && attrs['from']?.startsWith(from) === true)
    .map(({ attrs }) => attrs['type'] ?? 'available');

describe('presence', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const begin = async (options: LoopbackWorldOptions = {}): Promise<void> => {
    world = await LoopbackWorld.start(options);
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  /** She has registered and is on the network. */
  const register = async (): Promise<void> => {
    await world.register(alice);
    await world.network.expect('presence');
  };
  const show = (contact: Omit<Contact, 'id'>): void =>
    world.network.emit('alice', { kind: 'contact', contact: { id: romeo, ...contact } });

  /** Romeo is on the network's list, and alice sees him. */
  const befriend = async (contact: Omit<Contact, 'id'> = {}): Promise<void> => {
    world.network.meet('romeo');
    world.network.emit('alice', {
      kind: 'contact-list',
      contacts: [{ id: romeo, name: 'Romeo', ...contact }],
      isComplete: true,
    });
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    alice.send(`<presence to='${ROMEO}' type='subscribed'/>`);
    alice.send(`<presence to='${ROMEO}' type='subscribe'/>`);
    await alice.expect(`<presence from='${ROMEO}' type='subscribed'/>`);
    await settled(alice);
  };

  describe('of a user', () => {
    beforeEach(() => begin());

    test('G19, G20: the first presence logs in once, and the gateway says that it is there', async () => {
      await world.register(alice);
      await alice.expect(`<presence from='${LOOP}' type='{none}'/>`);
      alice.send(`<presence to='${LOOP}'><show>away</show></presence>`);
      alice.send(`<presence to='${ROMEO}'/>`);
      await settled(alice);
      const runs = world.network.calls.recorded.filter(({ method }) => method === 'run');
      assert.equal(runs.length, 1);
    });

    test('G19: presence to a contact alone logs in, too', async () => {
      await register();
      await alice.close();
      const phone = await world.client('alice', 'phone');
      phone.send(`<presence to='${ROMEO}'/>`);
      await phone.expect(`<presence from='${LOOP}' type='{none}'/>`);
      await world.network.expect('run');
    });

    test('G23: the network is told of each change once, of probes and of what changes nothing never', async () => {
      await world.register(alice);
      const next = async (): Promise<readonly unknown[]> =>
        (await world.network.expect('presence')).args;
      assert.deepEqual(await next(), ['online']);
      alice.send(`<presence><show>dnd</show><status>busy</status></presence>`);
      assert.deepEqual(await next(), ['dnd', 'busy']);
      alice.send(`<presence><show>dnd</show><status>busy</status></presence>`);
      alice.send(`<presence to='${ROMEO}' type='probe'/>`);
      const phone = await world.client('alice', 'phone');
      phone.send(`<presence><show>chat</show><priority>9</priority></presence>`);
      // The phone came without a priority first: of two equals the one that is more at hand counts.
      assert.deepEqual(await next(), ['online']);
      assert.deepEqual(await next(), ['chat']);
      await phone.close();
      assert.deepEqual(await next(), ['dnd', 'busy']);
      await settled(alice);
      const calls = world.network.calls.recorded.filter(({ method }) => method === 'presence');
      assert.equal(calls.length, 5);
    });

    test('G26, G27: the last resource to go logs out; each that goes hears the gateway go', async () => {
      await register();
      const phone = await world.client('alice', 'phone');
      await phone.expect(`<presence from='${LOOP}' type='{none}'/>`);
      await befriend({ show: 'online' });
      alice.send(`<presence to='${LOOP}' type='unavailable'/>`);
      await alice.expect(`<presence from='${LOOP}' type='unavailable' to='${alice.jid}'/>`);
      assert.ok(world.network.isOnline('alice'));
      await phone.expectNothing(`<presence from='${LOOP}' type='unavailable'/>`);
      phone.send(`<presence to='${LOOP}' type='unavailable'/>`);
      await phone.expect(`<presence from='${SEEN}' type='unavailable'/>`);
      await phone.expect(`<presence from='${LOOP}' type='unavailable'/>`);
      assert.ok(!world.network.isOnline('alice'));
    });

    test('G28: who is away for one contact alone stays on the network, which cannot tell one alone', async () => {
      await register();
      await befriend({ show: 'online' });
      await alice.expect(`<presence from='${SEEN}' type='{none}'/>`);
      const calls = world.network.calls.recorded.length;
      alice.send(`<presence to='${ROMEO}' type='unavailable'/>`);
      await settled(alice);
      assert.ok(world.network.isOnline('alice'));
      assert.equal(world.network.calls.recorded.length, calls);
      show({ show: 'away' });
      await alice.expect(`<presence from='${SEEN}'><show>away</show></presence>`);
    });

    test('G29: who says unavailable to the gateway alone sees its contacts go, and come with the next log-in', async () => {
      await register();
      await befriend({ show: 'away' });
      await alice.expect(`<presence from='${SEEN}'><show>away</show></presence>`);
      alice.send(`<presence to='${LOOP}' type='unavailable'/>`);
      await alice.expect(`<presence from='${SEEN}' type='unavailable'/>`);
      alice.send(`<presence to='${LOOP}'/>`);
      await world.network.expect('presence', ({ args }) => args[0] === 'online');
      await settled(alice);
      show({ show: 'chat' });
      await alice.expect(`<presence from='${SEEN}'><show>chat</show></presence>`);
    });

    test('G24: an account that the network refuses is told once, and what to do stands in the presence of the gateway', async () => {
      world.network.refuseNext('run', new NetworkError('credentials', 'Wrong password.'));
      await world.register(alice);
      await alice.expect(
        `<presence from='${LOOP}' type='error'><error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
      );
      await alice.expect(
        `<presence from='${LOOP}' type='{none}'><show>xa</show><status>Please register again: Wrong password.</status></presence>`,
      );
      await settled(alice);
      await alice.expectNothing(`<presence type='error'/>`);
    });

    test('G25: a network that cannot be reached is told once, tried again, and told to be back', async () => {
      world.network.meet('romeo');
      world.network.person(contactId('alice')).list.set(romeo, { id: romeo });
      for (let tries = 0; tries < 2; tries++) {
        world.network.refuseNext('run', new NetworkError('unreachable', 'It is dark.'));
      }
      await world.register(alice);
      await alice.expect(
        `<presence from='${LOOP}' type='error'><error type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
      );
      await alice.expect(`<presence from='${LOOP}' type='{none}'><show>xa</show></presence>`);
      const isPlain = (stanza: Element): boolean =>
        stanza.attrs['from'] === LOOP &&
        stanza.attrs['type'] === undefined &&
        child(stanza, 'show') === undefined;
      await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`, 10_000);
      await alice.expect(isPlain);
      await alice.expectNothing(`<presence type='error'/>`);
    });
  });

  describe('of contacts', () => {
    beforeEach(async () => {
      await begin();
      await register();
    });

    test('G21, G22: is shown with a resource, what changed and no more', async () => {
      await befriend({ show: 'online', status: 'On the balcony' });
      await alice.expect(
        `<presence from='${SEEN}' type='{none}'><status>On the balcony</status></presence>`,
      );
      alice.takeAll();
      show({ show: 'online' });
      show({ show: 'away', status: '' });
      show({ name: 'Romeo M.' });
      show({ show: 'away' });
      show({ show: 'offline' });
      show({ show: 'offline' });
      await alice.expect(`<presence from='${SEEN}' type='unavailable'/>`);
      await settled(alice);
      const shown = alice.takeAll();
      assert.deepEqual(told(shown, ROMEO), ['available']);
      assert.equal(shown[0] && child(shown[0], 'status'), undefined);
    });

    test('N25, N03: names its avatar, if any, and the hash of what disco says of it', async () => {
      await befriend({ show: 'online' });
      const presence = await alice.expect(`<presence from='${SEEN}' type='{none}'/>`);
      const photo = child(presence, 'x', UPDATE);
      assert.deepEqual(photo && child(photo, 'photo', UPDATE)?.children, []);
      const { node = '', ver = '' } = child(presence, 'c', CAPS)?.attrs ?? {};
      const ask = (at: string): Promise<Element> =>
        alice.iq(`<iq type='get' to='${SEEN}'><query xmlns='${INFO}'${at}/></iq>`);
      const atNode = child(await ask(` node='${node}#${ver}'`), 'query', INFO);
      const plain = child(await ask(''), 'query', INFO);
      assert.deepEqual(atNode?.children, plain?.children);
      assert.equal(atNode?.attrs['node'], `${node}#${ver}`);
    });

    test('a log-in with many contacts and resources says each thing to the network once, and answers each probe alone', async () => {
      const count = 500;
      const contacts = Array.from({ length: count }, (_, index) => ({
        id: contactId(`c${index}`),
        show: 'online' as const,
      }));
      const roster = world.jabber.accounts.get('alice')?.roster;
      world.network.emit('alice', { kind: 'contact-list', contacts, isComplete: true });
      for (const { id } of contacts) {
        const jid = `${id}@${LOOP}`;
        roster?.set(jid, { jid, name: id, groups: [], subscription: 'both', isAsking: false });
        alice.send(`<presence to='${jid}' type='subscribe'/>`);
      }
      await settled(alice, 60_000);
      alice.takeAll();
      const calls = world.network.calls.recorded.length;
      for (const resource of ['phone', 'tablet', 'laptop']) {
        const client = await world.client('alice', resource);
        await settled(client, 30_000);
        // An answer to each probe; and of the gateway what it says to who comes.
        const stanzas = client.takeAll();
        assert.equal(told(stanzas, 'c').length, count);
        assert.equal(told(stanzas, LOOP).length, 1);
      }
      assert.ok(world.network.calls.recorded.length - calls <= 3);
    });
  });

  describe('over breaks', () => {
    beforeEach(async () => {
      await begin();
      await register();
      await befriend({ show: 'online' });
      await alice.expect(`<presence from='${SEEN}' type='{none}'/>`);
    });

    test('G57: a planned stop says unavailable for all that was seen, the gateway last', async () => {
      await world.stopGateway();
      await alice.expect(`<presence from='${SEEN}' type='unavailable'/>`);
      await alice.expect(`<presence from='${LOOP}' type='unavailable'/>`);
    });

    test('G56: after a start the registered are asked whether they are there, and see how it stands', async () => {
      await world.stopGateway();
      await alice.expect(`<presence from='${LOOP}' type='unavailable'/>`);
      alice.takeAll();
      await world.startGateway();
      await alice.expect(`<presence from='${LOOP}' type='{none}'/>`);
      await world.network.expect('presence');
      show({ show: 'dnd' });
      await alice.expect(`<presence from='${SEEN}'><show>dnd</show></presence>`);
    });

    test('who went away while the stream was cut is taken out of her rooms as soon as her server says so', async () => {
      const garden = `#garden@${LOOP}`;
      await enter(alice, garden, 'alice');
      await world.jabber.closeComponentPort();
      await alice.close();
      await world.jabber.openComponentPort();
      await world.jabber.attached(LOOP, 10_000);
      const { args } = await world.network.expect('leave');
      assert.equal(args[0], '#garden');
    });

    test('one client that went away meanwhile leaves its rooms, and the room stays for the other', async () => {
      const garden = `#garden@${LOOP}`;
      const phone = await world.client('alice', 'phone');
      await phone.expect(`<presence from='${LOOP}' type='{none}'/>`);
      await enter(alice, garden, 'alice');
      await enter(phone, garden, 'alice');
      await world.jabber.closeComponentPort();
      await phone.close();
      alice.takeAll();
      await world.jabber.openComponentPort();
      await world.jabber.attached(LOOP, 10_000);
      await alice.expect(`<presence from='${LOOP}' type='{none}'/>`);
      // What the server says once its time is up: nobody else is there.
      world.jabber.sendToComponent(
        LOOP,
        `<presence from='alice@localhost' to='${LOOP}' type='unavailable'/>`,
      );
      await settled(alice);
      const before = world.jabber.log.length;
      world.network.join('#garden', 'Romeo');
      await alice.expect(`<presence from='${garden}/Romeo'/>`);
      const told = world.jabber.log
        .slice(before)
        .filter(({ direction, stanza }) => direction === 'in' && stanza.name === 'presence')
        .map(({ stanza }) => stanza.attrs['to']);
      assert.deepEqual(told, [alice.jid]);
    });

    test('after the stream was cut, what the user sees is told anew, once: the last of it may have been lost', async () => {
      world.network.meet('juliet');
      await alice.barrier();
      alice.takeAll();
      world.jabber.dropComponent(LOOP);
      show({ show: 'chat' });
      await world.jabber.attached(LOOP, 10_000);
      await alice.expect(`<presence from='${LOOP}' type='{none}'/>`);
      await settled(alice);
      const shown = told(alice.takeAll(), ROMEO);
      assert.ok(shown.length >= 1 && shown.every((type) => type === 'available'), String(shown));
      await settled(alice);
      assert.deepEqual(told(alice.takeAll(), ROMEO), []);
    });
  });
});
