import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { childText, serialize } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { outcomeOf } from './answers.ts';

const ITEMS = 'http://jabber.org/protocol/disco#items';

/** The rows of a component that need all of the gateway; those of the stream alone are in test/stream. */
describe('a component', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start({ options: ['networks: { moon: { name: Moon } }'] });
    alice = await world.client('alice');
  });
  afterEach(() => world.stop());

  test('C16: answers every IQ to every address of its domain', async () => {
    for (const to of [
      LOOP,
      `${LOOP}/resource`,
      `causeway@${LOOP}`,
      `%moon@${LOOP}`,
      `romeo@${LOOP}`,
      `romeo@${LOOP}/balcony`,
      `#garden@${LOOP}`,
      `#garden@${LOOP}/romeo`,
      `not!an!address@${LOOP}`,
    ]) {
      for (const type of ['get', 'set']) {
        for (const payload of [`<query xmlns='urn:unknown'/>`, '', `<a/><b/>`]) {
          const answer = await alice.iq(`<iq type='${type}' to='${to}'>${payload}</iq>`);
          assert.equal(answer.attrs['type'], 'error', `${type} ${payload} to ${to}`);
        }
      }
    }
  });

  test('C16: answers in time though the network does not', async (context) => {
    const release = world.network.slow('rooms');
    context.mock.timers.enable({ apis: ['setTimeout'] });
    alice.send(`<iq type='get' id='q1' to='%moon@${LOOP}'><query xmlns='${ITEMS}'/></iq>`);
    await world.network.expect('rooms');
    context.mock.timers.tick(89_000);
    assert.ok(!alice.unclaimed.some(({ attrs }) => attrs['id'] === 'q1'));
    context.mock.timers.tick(1_000);
    context.mock.timers.reset();
    const answer = await alice.expect(`<iq type='error' id='q1'/>`);
    assert.equal(outcomeOf(answer), 'remote-server-timeout');
    release();
    await alice.expectNothing(`<iq id='q1'/>`);
  });

  test('C10: answers from its own name whatever the case in which it was addressed', async () => {
    for (const to of ['LOOP.localhost', 'romeo@LOOP.localhost', '#garden@Loop.Localhost/x']) {
      world.jabber.sendToComponent(
        LOOP,
        `<iq type='get' id='${to}' from='${alice.jid}' to='${to}'><x xmlns='urn:unknown'/></iq>`,
      );
      const { attrs } = await alice.expect(`<iq type='error' id='${to}'/>`);
      assert.equal(attrs['from'], to.replace(/loop.localhost/i, LOOP));
    }
  });

  test('C09, C10: writes nothing without an address at both ends, and nothing from elsewhere', async () => {
    await world.register(alice);
    world.network.meet('romeo');
    alice.send(`<message type='chat' to='romeo@${LOOP}'><body>Hello</body></message>`);
    world.network.tell('alice', 'romeo', 'But soft');
    await alice.expect(`<message type='chat' from='romeo@${LOOP}'/>`);
    await world.stopGateway();
    const written = world.jabber.log.filter(
      ({ direction, peer }) => direction === 'in' && peer === LOOP,
    );
    assert.ok(written.length > 5);
    for (const { stanza } of written) {
      const { from = '', to = '' } = stanza.attrs;
      assert.ok(from === LOOP || from.split('/')[0]?.endsWith(`@${LOOP}`) === true, from);
      assert.ok(to !== '');
    }
  });

  test('C14: a text as long as a book comes whole, in stanzas that the smallest server takes', async () => {
    await world.register(alice);
    world.network.meet('romeo');
    const words = 'Füße & <größer> 😀'.split(' ');
    const text = Array.from({ length: 30_000 }, (_, index) => words[index % words.length]).join(
      ' ',
    );
    world.network.tell('alice', 'romeo', text);
    world.network.tell('alice', 'romeo', 'The end');
    await alice.expect(`<message from='romeo@${LOOP}'><body>The end</body></message>`);
    const parts = world.jabber.log
      .filter(({ direction, peer }) => direction === 'in' && peer === LOOP)
      .map(({ stanza }) => stanza)
      .filter(({ name, attrs }) => name === 'message' && attrs['from'] === `romeo@${LOOP}`);
    assert.ok(parts.length > 3);
    for (const part of parts) assert.ok(Buffer.byteLength(serialize(part)) < 65_535);
    const heard = parts.slice(0, -1).map((part) => childText(part, 'body'));
    assert.deepEqual(heard.join(' ').split(' '), text.split(' '));
  });
});
