import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { contactId, roomId } from '../../src/plugin/index.ts';
import type { MessageId, Outgoing } from '../../src/plugin/index.ts';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';
import { outcomeOf, refusalIn } from './answers.ts';

const ROMEO = `romeo@${LOOP}`;
const GARDEN = `#garden@${LOOP}`;
const MARKERS = 'urn:xmpp:chat-markers:0';
const CORRECT = 'urn:xmpp:message-correct:0';
const RETRACT = 'urn:xmpp:message-retract:1';
const REACTIONS = 'urn:xmpp:reactions:0';
const REPLY = 'urn:xmpp:reply:0';
const FALLBACK = 'urn:xmpp:fallback:0';
const INFO = 'http://jabber.org/protocol/disco#info';

const stanzaId = (message: Element): string =>
  child(message, 'stanza-id', 'urn:xmpp:sid:0')?.attrs['id'] ?? assert.fail('no stanza id');

/** Messages that speak of other messages, by the rows of the conformance list. */
describe('messages about messages', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (...options: string[]): Promise<void> => {
    world = await LoopbackWorld.start({ options });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  };
  const startInRoom = async (...options: string[]): Promise<void> => {
    await start(...options);
    for (const nick of ['Romeo', 'Juliet']) world.network.join('#garden', nick);
    await enter(alice, GARDEN, 'alice');
  };
  afterEach(() => world.stop());

  const write = (inside: string, id = 'm1'): void =>
    alice.send(`<message type='chat' id='${id}' to='${ROMEO}'>${inside}</message>`);
  const say = (inside: string, id = 'm1'): void =>
    alice.send(`<message type='groupchat' id='${id}' to='${GARDEN}'>${inside}</message>`);
  const heard = (body: string): Promise<Element> =>
    alice.expect(`<message type='groupchat'><body>${body}</body></message>`);
  const told = (body: string): Promise<Element> =>
    alice.expect(`<message type='chat' from='${ROMEO}'><body>${body}</body></message>`);
  const refused = async (id: string): Promise<string | undefined> =>
    outcomeOf(await alice.expect(`<message type='error' id='${id}'/>`));
  const asks = (method: string): number =>
    world.network.calls.recorded.filter((call) => call.method === method).length;
  /** What the network calls the message that she has sent last. */
  const sentId = async (): Promise<MessageId> => {
    await world.network.expect('send');
    await alice.barrier(LOOP);
    return [...world.network.messages.keys()].at(-1) ?? assert.fail('no message');
  };
  const displayed = (id: string): string => `<displayed xmlns='${MARKERS}' id='${id}'/>`;

  test('N16: the network is told of the newest message seen, and of none that is older', async () => {
    await start();
    const ids = ['one', 'two', 'three'].map((text) => world.network.tell('alice', 'romeo', text));
    const messages = [await told('one'), await told('two'), await told('three')];
    for (const message of messages) assert.ok(child(message, 'markable', MARKERS) !== undefined);
    for (const index of [1, 0, 1, 2]) write(displayed(messages[index]?.attrs['id'] ?? ''), 'x');
    await alice.barrier(LOOP);
    const marked = world.network.calls.recorded.filter(({ method }) => method === 'mark');
    assert.deepEqual(
      marked.map(({ args }) => args[1]),
      [ids[1], ids[2]],
    );
  });

  test('N16: in a room a marker counts by the id of the room alone, in both directions', async () => {
    await startInRoom();
    const first = world.network.say('#garden', 'Romeo', 'one');
    const [one, two] = [await heard('one'), (say('<body>two</body>'), await heard('two'))];
    say(displayed(one.attrs['id'] ?? ''), 'm2');
    say(displayed(stanzaId(one)), 'm3');
    const { args } = await world.network.expect('mark');
    assert.deepEqual(args, [{ kind: 'room', id: '#garden' }, first]);
    assert.equal(asks('mark'), 1);
    const own = await sentId();
    const garden = { kind: 'room', id: roomId('#garden') } as const;
    const seen = { id: own, state: 'displayed', nick: 'Romeo' } as const;
    world.network.receipt('alice', garden, seen);
    await alice.expect(
      `<message type='groupchat' from='${GARDEN}/Romeo'>${displayed(stanzaId(two))}</message>`,
    );
    world.network.receipt('alice', garden, { ...seen, id: first });
    await alice.expectNothing(`<message from='${GARDEN}/Romeo'>${displayed('{any}')}</message>`);
  });

  describe('what she has seen with another program', () => {
    const PRIVILEGE = 'urn:xmpp:privilege:2';
    /** What her server is asked to send in her name. */
    const saidInHerName = (): Element[] =>
      world.jabber.log
        .filter(({ direction, peer }) => direction === 'in' && peer === LOOP)
        .flatMap(({ stanza }) => child(stanza, 'privilege', PRIVILEGE) ?? [])
        .flatMap((privilege) => child(privilege, 'forwarded', 'urn:xmpp:forward:0') ?? [])
        .flatMap((forwarded) => elements(forwarded));
    const begin = async (message: boolean): Promise<void> => {
      world = await LoopbackWorld.start({ privileges: { namespace: PRIVILEGE, message } });
      alice = await world.client('alice');
      await world.register(alice);
      world.network.meet('romeo');
    };
    const seen = (id: MessageId): void =>
      world.network.emit('alice', {
        kind: 'seen',
        chat: { kind: 'contact', id: contactId('romeo') },
        id,
      });

    test('N16: it is a marker of herself, for the newest alone', async () => {
      await begin(true);
      const [first, second] = ['one', 'two'].map((text) =>
        world.network.tell('alice', 'romeo', text),
      );
      await told('one');
      const { attrs } = await told('two');
      for (const id of [second, second, first]) if (id !== undefined) seen(id);
      await alice.barrier(LOOP);
      const said = saidInHerName();
      assert.equal(said.length, 1);
      const [marker = assert.fail('no marker')] = said;
      assert.equal(marker.attrs['from'], 'alice@localhost');
      assert.equal(marker.attrs['to'], ROMEO);
      assert.equal(marker.attrs['type'], 'chat');
      assert.equal(child(marker, 'displayed', MARKERS)?.attrs['id'], attrs['id']);
      // The network knows already.
      write(displayed(attrs['id'] ?? ''), 'x');
      await alice.barrier(LOOP);
      assert.equal(asks('mark'), 0);
    });

    test('N16: without the leave of her server nobody is told', async () => {
      await begin(false);
      const id = world.network.tell('alice', 'romeo', 'one');
      await told('one');
      seen(id);
      await alice.barrier(LOOP);
      assert.deepEqual(saidInHerName(), []);
      await alice.expectNothing(`<message><displayed xmlns='${MARKERS}'/></message>`);
    });
  });

  test('N17: a correction is the whole text in the place of her earlier message', async () => {
    await start();
    write('<body>Helo</body>');
    const id = await sentId();
    write(`<body>Hello</body><replace xmlns='${CORRECT}' id='m1'/>`, 'm2');
    const { args } = await world.network.expect('edit');
    assert.equal(args[1], id);
    assert.equal((args[2] as Outgoing).text, 'Hello');
    // The next one still names the first (XEP-0308 §4); the network has another name for it by now.
    await alice.barrier(LOOP);
    const latest = [...world.network.messages.keys()].at(-1);
    write(`<body>Hello!</body><replace xmlns='${CORRECT}' id='m1'/>`, 'm3');
    assert.equal((await world.network.expect('edit')).args[1], latest);
  });

  test('N17: what is not her message, or cannot be changed, is said as a correction', async () => {
    await start();
    world.network.tell('alice', 'romeo', 'But soft');
    const foreign = (await told('But soft')).attrs['id'] ?? '';
    for (const id of [foreign, 'unknown']) {
      write(`<body>Hello</body><replace xmlns='${CORRECT}' id='${id}'/>`, `of ${id}`);
      const { args } = await world.network.expect('send');
      assert.equal((args[1] as Outgoing).text, 'Correction: Hello');
    }
    assert.equal(asks('edit'), 0);
  });

  test('N17: a correction from the network names the first message, if it is by the same author', async () => {
    await startInRoom();
    const first = world.network.say('#garden', 'Romeo', 'But sift');
    const id = (await heard('But sift')).attrs['id'];
    assert.ok(id);
    world.network.say('#garden', 'Romeo', 'But soft', { replaces: first });
    const correction = await heard('But soft');
    assert.equal(child(correction, 'replace', CORRECT)?.attrs['id'], id);
    assert.ok(![undefined, id].includes(correction.attrs['id']));
    world.network.say('#garden', 'Juliet', 'Forged', { replaces: first });
    assert.equal(child(await heard('Forged'), 'replace', CORRECT), undefined);
  });

  test('N18: retraction is promised, and takes back her own message alone', async () => {
    await start();
    const answer = await alice.iq(`<iq type='get' to='${ROMEO}'><query xmlns='${INFO}'/></iq>`);
    const query = child(answer, 'query', INFO) ?? assert.fail('no answer');
    assert.ok(elements(query).some(({ attrs }) => attrs['var'] === RETRACT));
    world.network.tell('alice', 'romeo', 'But soft');
    const foreign = (await told('But soft')).attrs['id'] ?? '';
    write('<body>Hello</body>');
    const id = await sentId();
    for (const [target, condition] of [
      [foreign, 'forbidden'],
      ['unknown', 'item-not-found'],
    ] as const) {
      write(`<retract xmlns='${RETRACT}' id='${target}'/><body>/me took it back</body>`, target);
      assert.equal(await refused(target), condition);
    }
    write(`<retract xmlns='${RETRACT}' id='m1'/>`, 'm2');
    assert.equal((await world.network.expect('retract')).args[1], id);
    assert.equal(asks('retract'), 1);
    assert.equal(asks('send'), 1);
  });

  test('N18: in a room the network takes back what its author wrote, by the id of the room, with a stand-in', async () => {
    await startInRoom();
    const id = world.network.say('#garden', 'Romeo', 'But soft');
    const original = await heard('But soft');
    const chat = { kind: 'room', id: roomId('#garden') } as const;
    world.network.emit('alice', { kind: 'retracted', chat, id, nick: 'Juliet' });
    await alice.barrier(LOOP);
    await alice.expectNothing(`<message><retract xmlns='${RETRACT}'/></message>`);
    world.network.emit('alice', { kind: 'retracted', chat, id, nick: 'Romeo' });
    const retraction = await alice.expect(`<message><retract xmlns='${RETRACT}'/></message>`);
    assert.equal(retraction.attrs['from'], `${GARDEN}/Romeo`);
    assert.equal(child(retraction, 'retract', RETRACT)?.attrs['id'], stanzaId(original));
    assert.notEqual(stanzaId(retraction), stanzaId(original));
    assert.equal(child(retraction, 'fallback', FALLBACK)?.attrs['for'], RETRACT);
    assert.ok(childText(retraction, 'body'));
    assert.equal(child(retraction, 'body')?.attrs['xml:lang'], 'en');
  });

  test('N19: a reaction that the network does not allow is not acceptable, others are the full set', async () => {
    await start();
    world.network.allowedReactions = new Set(['👍', '🎉']);
    const id = world.network.tell('alice', 'romeo', 'But soft');
    const message = (await told('But soft')).attrs['id'] ?? '';
    const react = (reactions: readonly string[], stanza: string): void =>
      write(
        `<reactions xmlns='${REACTIONS}' id='${message}'>${reactions.map((one) => `<reaction>${one}</reaction>`).join('')}</reactions>`,
        stanza,
      );
    react(['👍', '🎉', '👍'], 'r1');
    assert.deepEqual((await world.network.expect('react')).args.slice(1), [id, ['👍', '🎉']]);
    react([], 'r2');
    assert.deepEqual((await world.network.expect('react')).args.slice(1), [id, []]);
    react(['🐢'], 'r3');
    const refusal = refusalIn(await alice.expect(`<message type='error' id='r3'/>`));
    assert.equal(refusal?.condition, 'not-acceptable');
    assert.equal(refusal.text, '🐢 is no reaction here.');
  });

  test('N19: where the network has no reactions, each is not acceptable', async () => {
    await start('features: [edit]');
    world.network.tell('alice', 'romeo', 'But soft');
    const message = (await told('But soft')).attrs['id'] ?? '';
    write(
      `<reactions xmlns='${REACTIONS}' id='${message}'><reaction>👍</reaction></reactions>`,
      'r1',
    );
    assert.equal(await refused('r1'), 'not-acceptable');
  });

  test('N20: in a room a reply names what it answers by the id of the room, and quotes it for others', async () => {
    await startInRoom();
    const id = world.network.say('#garden', 'Romeo', 'But soft');
    const original = await heard('But soft');
    world.network.say('#garden', 'Juliet', 'Ay me', { reply: { id } });
    const quotation = '> But soft\n';
    const answer = await heard(`${quotation}Ay me`);
    assert.deepEqual(child(answer, 'reply', REPLY)?.attrs, {
      id: stanzaId(original),
      to: `${GARDEN}/Romeo`,
    });
    const fallback = child(answer, 'fallback', FALLBACK);
    assert.equal(fallback?.attrs['for'], REPLY);
    const { start: from, end } = child(fallback, 'body', FALLBACK)?.attrs ?? {};
    assert.deepEqual([from ?? '0', end], ['0', String(quotation.length)]);
    const reply = async (to: string): Promise<unknown> => {
      say(`<body>I too</body><reply xmlns='${REPLY}' id='${to}' to='${GARDEN}/Romeo'/>`, to);
      return ((await world.network.expect('send')).args[1] as Outgoing).reply;
    };
    assert.deepEqual(await reply(stanzaId(original)), { id, nick: 'Romeo', quote: 'But soft' });
    // The `id` attribute is its sender's, and may be anybody's.
    assert.equal(await reply(original.attrs['id'] ?? ''), undefined);
  });

  test('N20: between two people a reply names the message by its id, in both directions', async () => {
    await start();
    write('<body>Hello</body>');
    const id = await sentId();
    const latest = world.network.tell('alice', 'romeo', 'Good day', { reply: { id } });
    const answer = await told('> Hello\nGood day');
    assert.deepEqual(child(answer, 'reply', REPLY)?.attrs, { id: 'm1', to: 'alice@localhost' });
    write(`<body>x</body><reply xmlns='${REPLY}' id='${answer.attrs['id']}' to='${ROMEO}'/>`, 'm2');
    const { args } = await world.network.expect('send');
    assert.equal((args[1] as Outgoing).reply?.id, latest);
    assert.equal((args[0] as { readonly id: string }).id, contactId('romeo'));
  });
});
