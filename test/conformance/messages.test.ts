import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { contactId, messageId, NetworkError } from '../../src/plugin/index.ts';
import type { Outgoing } from '../../src/plugin/index.ts';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;
const NS_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** Messages between two people, by the rows of the conformance list. */
describe('messages', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (...options: string[]): Promise<void> => {
    world = await LoopbackWorld.start({ options });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  };
  const startWithout = (...missing: string[]): Promise<void> => {
    const all = 'edit retract react mark typing reply thread styles subject receipts'.split(' ');
    return start(`features: [${all.filter((name) => !missing.includes(name)).join(', ')}]`);
  };
  afterEach(() => world.stop());

  const write = (inside: string, id = 'm1', more = ''): void =>
    alice.send(`<message type='chat' id='${id}' to='${ROMEO}' ${more}>${inside}</message>`);
  const sent = async (method: 'send' | 'edit' = 'send'): Promise<Outgoing> => {
    const { args } = await world.network.expect(method);
    return args.at(-1) as Outgoing;
  };
  const refused = (id = 'm1', from = ROMEO): Promise<Element> =>
    alice.expect(`<message type='error' id='${id}' from='${from}'><error/></message>`);
  const errorOf = (stanza: Element): readonly [string | undefined, string | undefined] => {
    const error = child(stanza, 'error');
    const condition = error === undefined ? undefined : elements(error)[0]?.name;
    return [condition, error === undefined ? undefined : childText(error, 'text', NS_ERRORS)];
  };
  const told = (inside = ''): Promise<Element> =>
    alice.expect(`<message type='chat' from='${ROMEO}'>${inside}</message>`);
  const features = async (to: string): Promise<Set<string | undefined>> => {
    const info = await alice.iq(
      `<iq type='get' to='${to}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    );
    const query = child(info, 'query', 'http://jabber.org/protocol/disco#info');
    return new Set(
      query?.children.map((node) => (typeof node === 'string' ? '' : node.attrs['var'])),
    );
  };
  const asks = (method: string): number =>
    world.network.calls.recorded.filter((call) => call.method === method).length;

  test('G42: a message of a type that nobody knows is a normal one', async () => {
    await start();
    alice.send(`<message type='whisper' id='m1' to='${ROMEO}'><body>Hello</body></message>`);
    assert.equal((await sent()).text, 'Hello');
  });

  test('G42: a chat message to a puppet reaches the network contact, one of type normal too', async () => {
    await start();
    write('<body>Hello</body>');
    const { args } = await world.network.expect('send');
    assert.deepEqual(args[0], { kind: 'contact', id: 'romeo' });
    assert.equal((args[1] as Outgoing).text, 'Hello');
    alice.send(`<message id='m2' to='${ROMEO}'><body>Again</body></message>`);
    assert.equal((await sent()).text, 'Again');
  });

  test('G43: an address that the network cannot have is answered with item-not-found', async () => {
    await start('networks: { moon: { name: Moon } }');
    alice.send(`<message type='chat' id='m1' to='a\\20b@${LOOP}'><body>x</body></message>`);
    assert.equal(errorOf(await refused('m1', `a\\20b@${LOOP}`))[0], 'item-not-found');
    const spoken = `romeo\\20on\\20moon@${LOOP}`;
    const meant = /No address of this gateway looks like that\. Do you mean romeo%moon@/;
    alice.send(`<message type='chat' id='m0' to='${spoken}'><body>x</body></message>`);
    assert.match(errorOf(await refused('m0', spoken))[1] ?? '', meant);
    alice.send(`<presence type='subscribe' id='s0' to='${spoken}'/>`);
    const answer = await alice.expect(`<presence type='error' from='${spoken}'/>`);
    assert.match(errorOf(answer)[1] ?? '', meant);
    alice.send(`<message type='chat' id='m2' to='nobody@${LOOP}'><body>x</body></message>`);
    const [condition, text] = errorOf(await refused('m2', `nobody@${LOOP}`));
    assert.deepEqual([condition, text], ['item-not-found', 'nobody is not known here.']);
  });

  test('G44: a sender who has not registered is told to, where that is required', async () => {
    world = await LoopbackWorld.start({ options: ['registration: required'] });
    alice = await world.client('alice');
    write('<body>Hello</body>');
    assert.equal(errorOf(await refused())[0], 'registration-required');
  });

  test('G45, G46: what the network refuses comes back with its words and the id of the message', async () => {
    await start();
    for (const [kind, condition] of [
      ['absent', 'service-unavailable'],
      ['unreachable', 'remote-server-timeout'],
      ['refused', 'forbidden'],
      ['not-allowed', 'not-allowed'],
      ['too-large', 'not-acceptable'],
      ['too-fast', 'resource-constraint'],
    ] as const) {
      world.network.refuseNext('send', new NetworkError(kind, `It is ${kind}.`));
      write(`<body>${kind}</body>`, kind);
      assert.deepEqual(errorOf(await refused(kind)), [condition, `It is ${kind}.`]);
    }
  });

  test('G48: a message from the network comes from the bare JID of the contact, with an id and its time', async () => {
    await start();
    const at = new Date(Date.now() - 60_000);
    world.network.tell('alice', 'romeo', 'But soft', { at });
    const message = await told('<body>But soft</body>');
    assert.ok(message.attrs['id']);
    assert.equal(child(message, 'delay', 'urn:xmpp:delay')?.attrs['stamp'], at.toISOString());
  });

  test('G49: an error from the user is neither answered nor passed on', async () => {
    await start();
    alice.send(
      `<message type='error' id='e1' to='${ROMEO}'><body>x</body><error type='cancel'><service-unavailable xmlns='${NS_ERRORS}'/></error></message>`,
    );
    write('<body>after</body>');
    assert.equal((await sent()).text, 'after');
    await alice.expectNothing(`<message from='${ROMEO}'/>`);
  });

  test('G50: a stanza that is sent again is one message on the network, another with its id is not', async () => {
    await start();
    write('<body>once</body>', 'x');
    write('<body>once</body>', 'x');
    write('<body>other</body>', 'x');
    write('<body>once</body>', 'y');
    const texts = [(await sent()).text, (await sent()).text, (await sent()).text];
    assert.deepEqual(texts, ['once', 'other', 'once']);
    await alice.barrier(LOOP);
    assert.equal(asks('send'), 3);
  });

  test('G50: what was refused may be sent again under its id', async () => {
    await start();
    world.network.refuseNext('send', new NetworkError('too-fast', 'Slowly.'));
    write('<body>once</body>', 'x');
    await refused('x');
    write('<body>once</body>', 'x');
    await world.network.expect('send');
    assert.equal((await sent()).text, 'once');
  });

  test('N14: what the user does is told once for each change, a message says that she is done', async () => {
    await start();
    const state = (name: string): void =>
      write(`<${name} xmlns='http://jabber.org/protocol/chatstates'/>`);
    for (const name of ['active', 'composing', 'composing', 'paused', 'gone', 'inactive']) {
      state(name);
    }
    state('composing');
    write('<body>x</body><active xmlns="http://jabber.org/protocol/chatstates"/>');
    await sent();
    state('active');
    state('composing');
    const states: unknown[] = [];
    for (let count = 0; count < 5; count += 1) {
      states.push((await world.network.expect('typing')).args[1]);
    }
    assert.deepEqual(states, ['typing', 'paused', 'done', 'typing', 'typing']);
    assert.equal(asks('typing'), 5);
  });

  test('N14: who writes is told to the resources that are there, and nothing with it', async () => {
    await start();
    const event = { kind: 'typing', chat: { kind: 'contact', id: contactId('romeo') } } as const;
    await alice.barrier(LOOP);
    alice.takeAll();
    for (const [state, name] of [
      ['typing', 'composing'],
      ['paused', 'paused'],
      ['done', 'active'],
    ] as const) {
      world.network.emit('alice', { ...event, state });
      const message = await alice.expectNext(`<message type='chat' to='${alice.jid}'/>`);
      assert.deepEqual(
        elements(message).map((element) => element.name),
        [name],
      );
    }
    const phone = await world.client('alice', 'phone');
    phone.send(`<presence to='${LOOP}'/><presence type='unavailable' to='${LOOP}'/>`);
    await phone.barrier(LOOP);
    world.network.emit('alice', { ...event, state: 'typing' });
    await alice.expect(`<message type='chat' to='${alice.jid}'/>`);
    await phone.expectNothing(`<message/>`);
  });

  test('N14: without typing on the network nothing is told, and nothing is promised', async () => {
    await startWithout('typing');
    assert.ok(!(await features(ROMEO)).has('http://jabber.org/protocol/chatstates'));
    write(`<composing xmlns='http://jabber.org/protocol/chatstates'/>`);
    write('<body>x</body>', 'm2');
    await sent();
    world.network.tell('alice', 'romeo', 'y');
    assert.equal(child(await told(), 'active', 'http://jabber.org/protocol/chatstates'), undefined);
    await alice.expectNothing(`<message type='error'/>`);
  });

  test('disco promises for a contact what the network can, and no more', async () => {
    const promised = [
      'http://jabber.org/protocol/chatstates',
      'urn:xmpp:receipts',
      'urn:xmpp:chat-markers:0',
      'urn:xmpp:message-correct:0',
      'urn:xmpp:message-retract:1',
      'urn:xmpp:reactions:0',
      'urn:xmpp:reply:0',
      'urn:xmpp:fallback:0',
      'urn:xmpp:styling:0',
    ];
    await start();
    const all = await features(ROMEO);
    assert.deepEqual(
      promised.filter((name) => !all.has(name)),
      [],
    );
    await world.stop();
    await start('features: [lookup]');
    const few = await features(ROMEO);
    assert.deepEqual(
      promised.filter((name) => few.has(name)),
      [],
    );
  });

  test('N15: a receipt comes once the network has proved delivery, to the resource that asked', async () => {
    await start();
    const request = `<request xmlns='urn:xmpp:receipts'/>`;
    const received = `<message from='${ROMEO}' to='${alice.jid}'><received xmlns='urn:xmpp:receipts'/></message>`;
    write(`<body>x</body>${request}`);
    await sent();
    await alice.barrier(LOOP);
    await alice.expectNothing(received);
    const [id] = world.network.messages.keys();
    const receipt = { id: id ?? messageId(''), state: 'delivered' } as const;
    world.network.receipt('alice', { kind: 'contact', id: contactId('romeo') }, receipt);
    const message = await alice.expect(received);
    assert.equal(child(message, 'received', 'urn:xmpp:receipts')?.attrs['id'], 'm1');
    world.network.receipt('alice', { kind: 'contact', id: contactId('romeo') }, receipt);
    await alice.barrier(LOOP);
    await alice.expectNothing(received);
  });

  test('N15: no receipt without a request, none where the network tells of none', async () => {
    await start();
    const proof = (): void => {
      const [id] = [...world.network.messages.keys()].slice(-1);
      world.network.receipt(
        'alice',
        { kind: 'contact', id: contactId('romeo') },
        { id: id ?? messageId(''), state: 'delivered' },
      );
    };
    write('<body>x</body>');
    await sent();
    proof();
    await alice.barrier(LOOP);
    await alice.expectNothing(`<message from='${ROMEO}'/>`);
    await world.stop();
    await startWithout('receipts');
    write(`<body>x</body><request xmlns='urn:xmpp:receipts'/>`);
    await sent();
    await alice.barrier(LOOP);
    await alice.expectNothing(`<message from='${ROMEO}'/>`);
  });

  test('N15: a message that became several has arrived when all of them have', async () => {
    await start();
    world.network.maxLength = 3;
    write(`<body>abcdef</body><request xmlns='urn:xmpp:receipts'/>`);
    await sent();
    const chat = { kind: 'contact', id: contactId('romeo') } as const;
    await alice.barrier(LOOP);
    const [first, second] = [...world.network.messages.keys()];
    assert.ok(first !== undefined && second !== undefined);
    world.network.receipt('alice', chat, { id: first, state: 'delivered' });
    await alice.barrier(LOOP);
    await alice.expectNothing(`<message from='${ROMEO}'/>`);
    world.network.receipt('alice', chat, { id: second, state: 'delivered' });
    await alice.expect(`<message><received xmlns='urn:xmpp:receipts' id='m1'/></message>`);
  });
});
