import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import { connectIrc } from '../harness/irc-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import type { LoopbackWorldOptions } from '../loopback/world.ts';
import { enter, IRC, World } from '../scenario/world.ts';
import { outcomeOf, refusalIn } from './answers.ts';

const GATEWAY = 'jabber:iq:gateway';
const INFO = 'http://jabber.org/protocol/disco#info';

const prompt = (client: XmppClient, typed: string, to: string): Promise<Element> =>
  client.iq(
    `<iq type='set' to='${to}'><query xmlns='${GATEWAY}'><prompt>${typed}</prompt></query></iq>`,
  );
const jidFor = async (client: XmppClient, typed: string, to = LOOP): Promise<string> => {
  const answer = await prompt(client, typed, to);
  const query = child(answer, 'query', GATEWAY) ?? assert.fail(JSON.stringify(answer));
  return childText(query, 'jid') ?? assert.fail('no jid');
};

/** What the gateway itself says and takes (XEP-0100 §6, §8), by the rows of the conformance list. */
describe('the gateway', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (options: LoopbackWorldOptions = {}): Promise<void> => {
    world = await LoopbackWorld.start(options);
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  test('G01, G58: says that it is a gateway of its type, and that one can register', async () => {
    await start();
    const answer = await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='${INFO}'/></iq>`);
    const query = child(answer, 'query', INFO) ?? assert.fail('no answer');
    const { category, type, name } = elements(query)[0]?.attrs ?? {};
    assert.deepEqual([category, type], ['gateway', 'loopback']);
    assert.ok(name);
    const features = elements(query).map(({ attrs }) => attrs['var']);
    for (const feature of ['jabber:iq:register', GATEWAY, INFO]) {
      assert.ok(features.includes(feature), feature);
    }
  });

  test('G02: is no agent of old', async () => {
    await start();
    for (const namespace of ['jabber:iq:agents', 'jabber:iq:browse']) {
      const answer = await alice.iq(
        `<iq type='get' to='${LOOP}'><query xmlns='${namespace}'/></iq>`,
      );
      assert.equal(outcomeOf(answer), 'service-unavailable', namespace);
    }
  });

  test('G47: does not keep messages for contacts that are away', async () => {
    await start();
    await world.register(alice);
    world.network.meet('romeo');
    world.network.refuseNext('send', new NetworkError('absent', 'Romeo is not there.'));
    alice.send(`<message type='chat' id='m1' to='romeo@${LOOP}'><body>Hello</body></message>`);
    const refused = await alice.expect(`<message type='error' id='m1' from='romeo@${LOOP}'/>`);
    assert.equal(refusalIn(refused)?.condition, 'service-unavailable');
    world.network.show('romeo', { show: 'online' });
    await alice.barrier(LOOP);
    assert.deepEqual(world.network.heard('romeo'), []);
  });

  test('G51: writes to rosters from its host alone, without a resource', async () => {
    await start();
    await world.register(alice);
    alice.send(`<presence type='subscribe' to='${LOOP}'/>`);
    await alice.expect(`<presence type='subscribed' from='${LOOP}' to='alice@localhost'/>`);
    const senders = world.jabber.log
      .filter(({ direction, peer }) => direction === 'in' && peer === LOOP)
      .filter(({ stanza }) => /^(un)?subscribe/.test(stanza.attrs['type'] ?? ''))
      .map(({ stanza }) => stanza.attrs['from']);
    assert.deepEqual(new Set(senders), new Set([LOOP]));
  });

  test('G53: says what is to be typed for a contact, and explains it', async () => {
    await start();
    const answer = await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='${GATEWAY}'/></iq>`);
    const query = child(answer, 'query', GATEWAY) ?? assert.fail('no answer');
    assert.deepEqual(
      elements(query).map(({ name }) => name),
      ['desc', 'prompt'],
    );
    assert.equal(childText(query, 'prompt'), 'Name');
    assert.match(childText(query, 'desc') ?? '', /#room/);
  });

  test('G54: speaks the language of who asks, or else English', async () => {
    await start();
    const desc = async (language: string): Promise<string> => {
      const answer = await alice.iq(
        `<iq type='get' xml:lang='${language}' to='${LOOP}'><query xmlns='${GATEWAY}'/></iq>`,
      );
      return childText(child(answer, 'query', GATEWAY) ?? answer, 'desc') ?? '';
    };
    assert.match(await desc('de-CH'), /^Ein Name steht für/);
    assert.match(await desc('en'), /^Write a name/);
    assert.match(await desc('zz'), /^Write a name/);
  });

  test('G55: gives a JID for what was typed, and an error for what cannot be an address', async () => {
    await start({ options: ['networks: { moon: { name: Moon } }'] });
    for (const [typed, jid] of [
      ['Romeo', `romeo@${LOOP}`],
      [' romeo on moon ', `romeo%moon@${LOOP}`],
      ['#Garden', `#garden@${LOOP}`],
      ['Jürgen', `jürgen@${LOOP}`],
      [`xmpp:Romeo%moon@${LOOP}`, `romeo%moon@${LOOP}`],
    ] as const) {
      assert.equal(await jidFor(alice, typed), jid);
    }
    for (const [typed, condition] of [
      ['two words', 'item-not-found'],
      ['@', 'item-not-found'],
      ['a&#10;b', 'item-not-found'],
      ['x'.repeat(10_000), 'item-not-found'],
      ['', 'bad-request'],
    ] as const) {
      assert.equal(outcomeOf(await prompt(alice, typed, LOOP)), condition, typed.slice(0, 20));
    }
    const without = await alice.iq(`<iq type='set' to='${LOOP}'><query xmlns='${GATEWAY}'/></iq>`);
    assert.equal(outcomeOf(without), 'bad-request');
  });

  test('N26: answers pings on every address, and says so', async () => {
    await start({ options: ['networks: { moon: { name: Moon } }'] });
    world.network.join('#garden', 'Romeo');
    const garden = `#garden@${LOOP}`;
    await enter(alice, garden, 'alice');
    for (const to of [
      LOOP,
      `causeway@${LOOP}`,
      `romeo@${LOOP}`,
      `stranger@${LOOP}/some/where`,
      `%moon@${LOOP}`,
      garden,
      `#elsewhere@${LOOP}`,
      `${garden}/Romeo`,
    ]) {
      const ping = await alice.iq(`<iq type='get' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`);
      assert.equal(outcomeOf(ping), 'result', to);
      const info = await alice.iq(`<iq type='get' to='${to}'><query xmlns='${INFO}'/></iq>`);
      const query = child(info, 'query', INFO) ?? assert.fail(to);
      assert.ok(
        elements(query).some(({ attrs }) => attrs['var'] === 'urn:xmpp:ping'),
        to,
      );
    }
  });

  test('N26: tells somebody who pings herself in a room whether she is still in it', async () => {
    await start();
    const garden = `#garden@${LOOP}`;
    const self = async (): Promise<string | undefined> =>
      outcomeOf(
        await alice.iq(`<iq type='get' to='${garden}/alice'><ping xmlns='urn:xmpp:ping'/></iq>`),
      );
    assert.equal(await self(), 'not-acceptable');
    await enter(alice, garden, 'alice');
    assert.equal(await self(), 'result');
    alice.send(`<presence type='unavailable' to='${garden}/alice'/>`);
    await alice.expect(`<presence type='unavailable' from='${garden}/alice'/>`);
    assert.equal(await self(), 'not-acceptable');
  });
});

test('G52: names with signs that no JID may hold have an address by escaping, which can be asked for', async () => {
  const world = await World.start();
  try {
    const alice = await world.client('alice');
    const romeo = await connectIrc({ port: world.irc.port, nick: 'romeo' });
    await romeo.join("#a/b&c'd");
    const jid = await jidFor(alice, "#a/b&amp;c'd on s", IRC);
    assert.equal(jid, `#a\\2fb\\26c\\27d%s@${IRC}`);
    const room = jid.replaceAll('&', '&amp;');
    await enter(alice, room, 'alice');
    await romeo.expect(/^:alice!\S+ JOIN :?#a\/b&c'd$/);
    await romeo.close();
  } finally {
    await world.stop();
  }
});
