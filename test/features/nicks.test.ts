import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import { child } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;
const INFO = 'http://jabber.org/protocol/disco#info';
const NICK = 'http://jabber.org/protocol/nick';

/** XEP-0172: what those who are not on the list yet are called. */
describe('the name of a stranger', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
  });
  afterEach(() => world.stop());

  const register = (): Promise<unknown> =>
    alice.iq(
      `<iq type='set' to='${LOOP}' xml:lang='de'><query xmlns='jabber:iq:register'><nick>Al</nick></query></iq>`,
    );

  test('stands in the request and in the greeting of the gateway, which say what they are for', async () => {
    await register();
    await alice.expect(
      `<presence type='subscribe' from='${LOOP}' xml:lang='de'><status>Damit das Gateway sieht, wann Sie online sind. Bitte erlauben Sie es.</status><nick xmlns='${NICK}'>Loopback-Gateway</nick></presence>`,
    );
    await alice.expect(
      `<message from='causeway@${LOOP}'><body/><nick xmlns='${NICK}'>Loopback-Gateway</nick></message>`,
    );
  });

  test('stands in messages of contacts until they are on the list', async () => {
    await world.register(alice);
    world.network.tell('alice', 'Romeo', 'It is I');
    await alice.expect(
      `<message from='${ROMEO}'><body>It is I</body><nick xmlns='${NICK}'>Romeo</nick></message>`,
    );
    alice.send(`<presence type='subscribe' to='${ROMEO}'/>`);
    await world.network.expect('changeContact');
    world.network.emit('alice', {
      kind: 'contact',
      contact: { id: contactId('romeo'), show: 'online' },
    });
    await alice.expect(`<presence type='subscribed' from='${ROMEO}'/>`);
    world.network.tell('alice', 'Romeo', 'Again');
    const again = await alice.expect(`<message from='${ROMEO}'><body>Again</body></message>`);
    assert.equal(child(again, 'nick', NICK), undefined);
  });

  describe('by a client that names itself', () => {
    const EVENT = 'http://jabber.org/protocol/pubsub#event';
    const come = (): Promise<unknown> => {
      const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='x'/>`;
      alice.send(`<presence>${caps}</presence><presence to='${LOOP}'>${caps}</presence>`);
      return alice.barrier(LOOP);
    };
    const present = async (feature: string): Promise<void> => {
      await world.register(alice);
      await come();
      world.network.tell('alice', 'Romeo', 'It is I');
      await alice.expect(`<message from='${ROMEO}'><body>It is I</body></message>`);
      const { attrs } = await alice.expect(`<iq type='get'><query xmlns='${INFO}'/></iq>`);
      alice.send(
        `<iq type='result' id='${attrs['id']}' to='${LOOP}'><query xmlns='${INFO}'><identity category='client' type='pc'/><feature var='${feature}'/></query></iq>`,
      );
      await alice.barrier(LOOP);
    };
    const told = (): number =>
      alice.takeAll().filter((stanza) => child(stanza, 'event', EVENT) !== undefined).length;

    test('is told as an event where that is wanted, and once', async () => {
      await present(`${NICK}+notify`);
      await alice.expect(
        `<message type='headline' from='${ROMEO}' to='alice@localhost/desk'><event xmlns='${EVENT}'><items node='${NICK}'><item><nick xmlns='${NICK}'>Romeo</nick></item></items></event></message>`,
      );
      world.network.tell('alice', 'Romeo', 'Again');
      await alice.expect(`<message from='${ROMEO}'><body>Again</body></message>`);
      await alice.barrier(LOOP);
      assert.equal(told(), 0);
    });

    test('is told again when it was away, as it may have kept nothing', async () => {
      await present(`${NICK}+notify`);
      await alice.expect(`<message type='headline' from='${ROMEO}'/>`);
      alice.send(`<presence type='unavailable' to='${LOOP}'/><presence type='unavailable'/>`);
      await come();
      world.network.tell('alice', 'Romeo', 'Again');
      const { attrs } = await alice.expect(`<iq type='get'><query xmlns='${INFO}'/></iq>`);
      alice.send(
        `<iq type='result' id='${attrs['id']}' to='${LOOP}'><query xmlns='${INFO}'><identity category='client' type='pc'/><feature var='${NICK}+notify'/></query></iq>`,
      );
      await alice.expect(`<message type='headline' from='${ROMEO}'/>`);
    });

    test('is not told where nobody asked', async () => {
      await present(NICK);
      await alice.barrier(LOOP);
      assert.equal(told(), 0);
    });
  });
});
