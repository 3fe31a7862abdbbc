import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { contactId, messageId, NetworkError } from 'causeway/plugin';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;

describe('a network that must not lose anything', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start({ options: ['delivery: stored'] });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  });
  afterEach(() => world.stop());

  const write = (id: string, text: string): void =>
    alice.send(`<message type='chat' id='${id}' to='${ROMEO}'><body>${text}</body></message>`);
  const sends = (): readonly string[] =>
    world.network.calls.recorded.filter(({ method }) => method === 'send').map(textOf);

  test('gets what a user writes, and the user what it tells', async () => {
    write('m1', 'Hello');
    await world.network.expect('send');
    world.network.tell('alice', 'romeo', 'But soft');
    await alice.expect(`<message type='chat' from='${ROMEO}'><body>But soft</body></message>`);
    assert.deepEqual(world.network.heard('romeo'), ['Hello']);
  });

  test('is given a message again that it could not take, after a while', async () => {
    world.network.refuseNext('send', unreachable());
    write('m1', 'Hello');
    const [first, second] = [
      await world.network.expect('send'),
      await world.network.expect('send'),
    ];
    assert.equal(keyOf(first), keyOf(second));
    assert.deepEqual([attemptOf(first), attemptOf(second)], [1, 2]);
    await until(() => world.network.heard('romeo').length === 1);
  });

  test('gets the messages of one chat in order, while another waits', async () => {
    world.network.meet('tybalt');
    world.network.refuseNext('send', unreachable(600));
    for (const id of ['1', '2', '3']) write(id, id);
    alice.send(`<message type='chat' to='tybalt@${LOOP}'><body>Peace</body></message>`);
    await until(() => world.network.heard('tybalt').length === 1);
    assert.deepEqual(world.network.heard('romeo'), []);
    await until(() => world.network.heard('romeo').length === 3);
    assert.deepEqual(world.network.heard('romeo'), ['1', '2', '3']);
  });

  test('is asked whether it has a message when the connection broke, and not given it twice', async () => {
    world.network.breakNext('after');
    write('m1', 'Hello');
    await world.network.expect('wasTaken');
    write('m2', 'Hello again');
    await until(() => world.network.heard('romeo').length === 2);
    assert.deepEqual(world.network.heard('romeo'), ['Hello', 'Hello again']);
    assert.equal(sends().length, 2);
  });

  test('gets a message again when nobody can tell whether it has it', async () => {
    world.network.remembersTaken = false;
    world.network.breakNext('before');
    write('m1', 'Hello');
    await until(() => world.network.heard('romeo').length === 1);
    assert.equal(sends().length, 2);
  });

  test('refuses a message: its sender is told by the id', async () => {
    world.network.refuseNext('send', new NetworkError('refused', 'Romeo is banished.'));
    write('m1', 'Hello');
    await alice.expect(
      `<message type='error' id='m1' from='${ROMEO}' to='${alice.jid}'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Romeo is banished.</text></error></message>`,
    );
    write('m1', 'Hello');
    await until(() => world.network.heard('romeo').length === 1);
  });

  test('fails at one recipient after the other: each is told, and none twice', async () => {
    write('m1', 'Hello');
    const sent = await world.network.expect('send');
    await until(() => world.network.heard('romeo').length === 1);
    for (const name of ['Romeo', 'Tybalt', 'Romeo']) {
      world.network.emit('alice', {
        kind: 'failed',
        to: { kind: 'contact', id: contactId('romeo') },
        key: keyOf(sent),
        error: new NetworkError('not-found', `${name} is not here.`),
      });
    }
    for (const name of ['Romeo', 'Tybalt']) {
      await alice.expect(
        `<message type='error' id='m1' from='${ROMEO}'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>${name} is not here.</text></error></message>`,
      );
    }
    assert.equal(alice.unclaimed.filter(({ attrs }) => attrs['type'] === 'error').length, 0);
  });

  test('is not given what waited when its user unregisters, and she is told', async () => {
    world.network.refuseNext('send', unreachable(60_000));
    write('m1', 'Hello');
    write('m2', 'Are you there?');
    await world.network.expect('send');
    alice.send(
      `<iq type='set' id='r1' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    for (const id of ['m1', 'm2']) {
      await alice.expect(
        `<message type='error' id='${id}' from='${ROMEO}' to='${alice.jid}'><error><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
      );
    }
    assert.deepEqual(world.network.heard('romeo'), []);
  });

  test('is not given it either while it takes its time to say good-bye', async () => {
    world.network.refuseNext('send', unreachable(1_000));
    write('m1', 'Hello');
    await world.network.expect('send');
    world.network.farewell = setTimeout(1_500);
    await alice.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    await alice.expect(`<message type='error' id='m1' from='${ROMEO}'/>`);
    assert.equal(sends().length, 1);
  });

  test('is not given what a user writes who unregisters in the same breath, and she is told', async () => {
    alice.send(
      `<message type='chat' id='m1' to='${ROMEO}'><body>Hello</body></message><iq type='set' id='r1' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    await alice.expect(`<iq type='result' id='r1'/>`);
    await alice.expect(`<message type='error' id='m1' from='${ROMEO}'/>`);
    assert.deepEqual(world.network.heard('romeo'), []);
  });

  for (const [when, isOpen] of [
    ['', true],
    [' though she is not let in any more', false],
  ] as const) {
    test(`tells a user who unregisters what it still owed her${when}`, async () => {
      write('m1', 'Hello');
      const sent = await world.network.expect('send');
      await until(() => world.network.heard('romeo').length === 1);
      if (!isOpen) {
        world.network.dropConnection('alice', new NetworkError('credentials', 'Not you.'));
        await alice.expect(`<presence type='error' from='${LOOP}'/>`);
      }
      world.network.lastWords.push(
        {
          kind: 'failed',
          to: { kind: 'contact', id: contactId('romeo') },
          key: keyOf(sent),
          error: new NetworkError('unreachable', 'Tybalt has not got it yet.'),
        },
        { kind: 'notice', text: 'A copy is missing.' },
      );
      alice.send(
        `<iq type='set' id='r1' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
      );
      await alice.expect(
        `<message type='error' id='m1' from='${ROMEO}' to='${alice.jid}'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Tybalt has not got it yet.</text></error></message>`,
      );
      await alice.expect(`<message from='${LOOP}'><body>A copy is missing.</body></message>`);
    });
  }

  test('has nothing left of a user who unregisters, though it notes something when she goes', async () => {
    world.network.notesLeaving = true;
    await alice.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    const values = `('${LOOP}', 'alice@localhost', 'left', x'00')`;
    const insert = `INSERT INTO memories (gateway, user, key, value) VALUES ${values}`;
    world.sql(insert);
    assert.throws(() => world.sql(insert), /UNIQUE/, 'nothing of this was there before');
  });

  test('is not given a stanza twice that comes again after a restart', async () => {
    write('m1', 'Hello');
    await until(() => world.network.heard('romeo').length === 1);
    await world.stopGateway();
    await world.startGateway();
    write('m1', 'Hello');
    write('m2', 'More');
    await until(() => world.network.heard('romeo').length >= 2);
    assert.deepEqual(world.network.heard('romeo'), ['Hello', 'More']);
  });

  test('gets what waited when the gateway starts again, though the user is not there', async () => {
    world.network.refuseNext('send', unreachable());
    write('m1', 'Hello');
    await world.network.expect('send');
    await world.stopGateway();
    alice.destroy();
    await world.startGateway();
    await until(() => world.network.heard('romeo').length === 1);
  });

  test('tells a message twice, and the user reads it once', async () => {
    const id = messageId('n1');
    world.network.tell('alice', 'romeo', 'Once', { id });
    world.network.tell('alice', 'romeo', 'Once', { id });
    world.network.tell('alice', 'romeo', 'Twice', { id: messageId('n2') });
    const first = await alice.expect(
      `<message type='chat' from='${ROMEO}'><body>Once</body></message>`,
    );
    await alice.expect(`<message type='chat' from='${ROMEO}'><body>Twice</body></message>`);
    assert.equal(alice.unclaimed.filter(({ attrs }) => attrs['from'] === ROMEO).length, 0);
    assert.match(first.attrs['id'] ?? '', /^[\w-]{22}$/);
  });

  test('has its receipts and answers understood after a restart', async () => {
    alice.send(
      `<message type='chat' id='m1' to='${ROMEO}'><body>Hello</body><request xmlns='urn:xmpp:receipts'/></message>`,
    );
    await until(() => world.network.heard('romeo').length === 1);
    const [sent] = world.network.taken.values();
    const heardId = world.network.tell('alice', 'romeo', 'But soft');
    const told = await alice.expect(`<message from='${ROMEO}'><body>But soft</body></message>`);
    await world.stopGateway();
    await world.startGateway();
    alice.send(`<presence to='${LOOP}'/>`);
    await until(() => world.network.isOnline('alice'));
    const to = { kind: 'contact', id: contactId('romeo') } as const;
    world.network.receipt('alice', to, { id: sent?.ids[0] ?? messageId(''), state: 'delivered' });
    await alice.expect(
      `<message from='${ROMEO}'><received xmlns='urn:xmpp:receipts' id='m1'/></message>`,
    );
    alice.send(
      `<message type='chat' to='${ROMEO}'><body>What?</body><reply xmlns='urn:xmpp:reply:0' id='${told.attrs['id']}' to='${ROMEO}'/></message>`,
    );
    const { args } = await world.network.expect('send', (call) => textOf(call) === 'What?');
    assert.deepEqual((args[1] as { reply?: unknown }).reply, {
      id: heardId,
      nick: 'romeo',
      quote: 'But soft',
    });
  });
});

const unreachable = (retryAfterMs = 1): NetworkError =>
  new NetworkError('unreachable', 'Not now.', { retryAfterMs });

interface SendCall {
  readonly args: readonly unknown[];
}

const messageOf = ({ args }: SendCall): { key: string; attempt: number; text: string } =>
  args[1] as { key: string; attempt: number; text: string };
const keyOf = (call: SendCall): string => messageOf(call).key;
const attemptOf = (call: SendCall): number => messageOf(call).attempt;
const textOf = (call: SendCall): string => messageOf(call).text;

/** Waits for something that no stanza tells of. */
async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) assert.fail('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('an error waits for the user, and finds her with another client', async () => {
  const world = await LoopbackWorld.start({ options: ['delivery: stored', 'alwaysOn: true'] });
  const desk = await world.client('alice');
  await world.register(desk);
  world.network.meet('romeo');
  const release = world.network.slow('send');
  desk.send(`<message type='chat' id='m1' to='${ROMEO}'><body>Hello</body></message>`);
  await world.network.expect('send');
  world.network.refuseNext('send', new NetworkError('refused', 'Romeo is banished.'));
  desk.send(`<message type='chat' id='m2' to='${ROMEO}'><body>Hello?</body></message>`);
  desk.send(`<presence type='unavailable'/>`);
  desk.destroy();
  const phone = await world.client('alice', 'phone');
  release();
  await phone.expect(
    `<message type='error' id='m2' from='${ROMEO}' to='${phone.jid}'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
  );
  await world.stop();
});
