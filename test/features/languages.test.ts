import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { contactId, NetworkError } from '../../src/plugin/index.ts';
import { fill, run } from '../conformance/command-client.ts';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';

const INFO = 'http://jabber.org/protocol/disco#info';

/** Users are spoken to in their language (RFC 6120 §8.1.5). */
describe('the language of what a user reads', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (config: readonly string[] = []): Promise<void> => {
    world = await LoopbackWorld.start({ config });
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  const send = (client: XmppClient, id: string, language: string): void =>
    client.send(
      `<message type='chat' id='${id}' to='romeo@${LOOP}' xml:lang='${language}'><body>Hm</body></message>`,
    );
  const refusal = async (client: XmppClient, id: string): Promise<(string | undefined)[]> => {
    const answer = await client.expect(`<message type='error' id='${id}'><error/></message>`);
    const error = child(answer, 'error') ?? assert.fail('no error');
    const text = elements(error).find(({ name }) => name === 'text');
    return [childText(error, 'text'), text?.attrs['xml:lang']];
  };
  const firstName = async (to: string, language: string): Promise<string> => {
    const answer = await alice.iq(
      `<iq type='get' to='${to}' xml:lang='${language}'><query xmlns='${INFO}'/></iq>`,
    );
    const query = child(answer, 'query', INFO) ?? assert.fail('no answer');
    return elements(query)[0]?.attrs['name'] ?? '';
  };

  test('an error of the network says in which language its text is', async () => {
    await start();
    await world.register(alice);
    world.network.meet('romeo');
    world.network.refuseNext('send', new NetworkError('refused', 'Das geht nicht.'));
    send(alice, 'm1', 'de');
    assert.deepEqual(await refusal(alice, 'm1'), ['Das geht nicht.', 'de']);
    world.network.refuseNext('send', new NetworkError('refused', 'No.'));
    send(alice, 'm2', 'en');
    assert.deepEqual(await refusal(alice, 'm2'), ['No.', 'en']);
  });

  test('where the administrator has named one, English tells nothing, and other languages do', async () => {
    await start(['language: de']);
    assert.match(await firstName(LOOP, 'en'), /-Gateway$/);
    assert.match(await firstName(LOOP, 'en-GB'), /-Gateway$/);
    assert.match(await firstName(LOOP, 'fr'), / gateway$/);
    const silent = await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='${INFO}'/></iq>`);
    const query = child(silent, 'query', INFO) ?? assert.fail('no answer');
    assert.match(elements(query)[0]?.attrs['name'] ?? '', /-Gateway$/);
  });

  test('there, too, a user may choose English', async () => {
    await start(['language: de']);
    await world.register(alice);
    const { id } = await run(alice, `node='causeway:settings'`, { lang: 'en' });
    await run(alice, `node='causeway:settings' sessionid='${id}'`, {
      form: fill({ language: 'en' }),
    });
    const reply = await run(alice, `node='causeway:status'`);
    assert.equal(reply.form['registered'], 'yes');
  });

  test('names of the gateway and its bot are in the language of who asks', async () => {
    await start();
    for (const to of [LOOP, `causeway@${LOOP}`]) {
      assert.match(await firstName(to, 'en'), / gateway$/, to);
      assert.match(await firstName(to, 'de-AT'), /-Gateway$/, to);
    }
    const vcard = async (language: string): Promise<Element> =>
      alice.iq(
        `<iq type='get' to='${LOOP}' xml:lang='${language}'><vCard xmlns='vcard-temp'/></iq>`,
      );
    const names = await Promise.all(
      ['en', 'de'].map(async (language) => {
        const card = child(await vcard(language), 'vCard', 'vcard-temp') ?? assert.fail('no card');
        return childText(card, 'FN') ?? '';
      }),
    );
    assert.match(names[0] ?? '', / gateway$/);
    assert.match(names[1] ?? '', /-Gateway$/);
  });

  test('who is one too many, or sends too fast, is told so in German and in English', async () => {
    await start(['limits: { users: 1, stanzasPerSecond: 1, stanzaBurst: 3 }']);
    send(alice, 'm1', 'en');
    const bob = await world.client('bob');
    send(bob, 'b1', 'de');
    assert.deepEqual(await refusal(bob, 'b1'), [
      'Auf diesem Gateway sind gerade zu viele Benutzer.',
      'de',
    ]);
    send(bob, 'b2', 'en');
    assert.deepEqual(await refusal(bob, 'b2'), [
      'There are too many users on this gateway now.',
      'en',
    ]);
    for (let count = 3; count <= 40; count += 1) send(bob, `b${count}`, 'de');
    assert.deepEqual(await refusal(bob, 'b40'), [
      'Sie senden zu schnell für dieses Gateway.',
      'de',
    ]);
  });

  test('what carries our words says in which language they are, and what carries none does not', async () => {
    await start();
    const question = (payload: string): string =>
      `<iq type='get' id='q' to='${LOOP}' xml:lang='de'>${payload}</iq>`;
    for (const payload of [
      "<query xmlns='jabber:iq:gateway'/>",
      "<query xmlns='jabber:iq:register'/>",
      `<query xmlns='${INFO}'/>`,
    ]) {
      alice.send(question(payload));
      const { attrs } = await alice.expect(`<iq type='result' id='q'/>`);
      assert.equal(attrs['xml:lang'], 'de', payload);
    }
    alice.send(question("<ping xmlns='urn:xmpp:ping'/>"));
    const pong = await alice.expect(`<iq type='result' id='q'/>`);
    assert.equal(pong.attrs['xml:lang'], undefined);
    alice.send(
      `<message type='chat' id='h1' to='causeway@${LOOP}' xml:lang='de'><body>hilfe</body></message>`,
    );
    const help = await alice.expect(`<message from='causeway@${LOOP}'><body/></message>`);
    assert.equal(help.attrs['xml:lang'], 'de');
  });

  test('presence with a reason says in which language that is, of the gateway, contacts and rooms', async () => {
    await start();
    await world.register(alice);
    world.network.meet('romeo');
    const romeo = contactId('romeo');
    alice.send(`<presence to='romeo@${LOOP}' type='subscribe' xml:lang='de'/>`);
    await world.network.expect('changeContact');
    world.network.emit('alice', { kind: 'contact', contact: { id: romeo, show: 'online' } });
    await alice.expect(`<presence from='romeo@${LOOP}/causeway' type='{none}'/>`);
    world.network.join('#garden', 'Romeo');
    await enter(alice, `#garden@${LOOP}`, 'alice');
    alice.send(`<presence xml:lang='de'/>`);
    await alice.iq(
      `<iq type='get' to='${LOOP}' xml:lang='de'><query xmlns='jabber:iq:register'/></iq>`,
    );
    await world.stopGateway();
    for (const from of [LOOP, `romeo@${LOOP}/causeway`, `#garden@${LOOP}/alice`]) {
      const gone = await alice.expect(
        `<presence type='unavailable' from='${from}'><status/></presence>`,
      );
      assert.equal(gone.attrs['xml:lang'], 'de', from);
    }
  });
});
