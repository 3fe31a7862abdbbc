import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import { child } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;
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
});
