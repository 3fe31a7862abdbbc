import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, messageId } from 'causeway/plugin';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;
const ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('what a network tells that must not lose anything', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start({ options: ['delivery: stored', 'alwaysOn: true'] });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  });
  afterEach(() => world.stop());

  let count = 0;
  const tell = (text: string, more: { readonly isUninvited?: boolean } = {}): void => {
    count += 1;
    const id = messageId(`n${count}`);
    world.network.emit('alice', { kind: 'message', from: contactId('romeo'), id, text, ...more });
  };
  const heard = (text: string): ReturnType<XmppClient['expect']> =>
    alice.expect(`<message type='chat' from='${ROMEO}'><body>${text}</body></message>`);
  const unheard = (): number =>
    alice.unclaimed.filter(({ name, attrs }) => name === 'message' && attrs['from'] === ROMEO)
      .length;

  test('comes in order, with the time when it was stored, when the Jabber server was away', async () => {
    world.jabber.dropComponent(LOOP);
    await world.jabber.detached(LOOP);
    for (let index = 0; index < 300; index += 1) tell(`message ${index}`);
    await world.jabber.attached(LOOP, 20_000);
    const ids = new Set<string | undefined>();
    for (let index = 0; index < 300; index += 1) {
      const { attrs } = await heard(`message ${index}`);
      ids.add(attrs['id']);
    }
    assert.equal(ids.size, 300);
    tell('end');
    await heard('end');
    assert.equal(unheard(), 0);
  });

  test('a notice is kept like a message, said by the bot, and told once', async () => {
    const bot = `causeway@${LOOP}`;
    world.jabber.dropComponent(LOOP);
    await world.jabber.detached(LOOP);
    const notice = {
      kind: 'notice',
      id: messageId('full'),
      text: 'Your mailbox is full.',
    } as const;
    world.network.emit('alice', notice);
    await settled(world);
    await world.stopGateway();
    await world.startGateway();
    await alice.expect(`<message type='chat' from='${bot}'><body>${notice.text}</body></message>`);
    world.network.emit('alice', notice);
    tell('end');
    await heard('end');
    const left = alice.unclaimed.filter(({ attrs }) => attrs['from'] === bot);
    assert.ok(!JSON.stringify(left).includes(notice.text));
  });

  test('a notice that the server of the user sends back comes again when she is there', async () => {
    const notice = `<message type='chat' from='causeway@${LOOP}'><body>Full</body></message>`;
    world.network.emit('alice', { kind: 'notice', text: 'Full' });
    const { attrs } = await alice.expect(notice);
    alice.send(
      `<message type='error' id='${attrs['id']}' to='causeway@${LOOP}'><error type='cancel'><service-unavailable xmlns='${ERRORS}'/></error></message>`,
    );
    await alice.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await settled(world);
    alice.send(`<presence to='${LOOP}'/>`);
    assert.equal((await alice.expect(notice)).attrs['id'], attrs['id']);
  });

  test('comes after a restart when nobody was attached', async () => {
    world.jabber.dropComponent(LOOP);
    await world.jabber.detached(LOOP);
    tell('Hello');
    tell('Are you there?');
    await settled(world);
    await world.stopGateway();
    await world.startGateway();
    const first = await alice.expect(
      `<message type='chat' from='${ROMEO}'><body>Hello</body></message>`,
    );
    await heard('Are you there?');
    assert.match(first.attrs['id'] ?? '', /^[\w-]{22}$/);
    assert.equal(unheard(), 0);
  });

  test('comes again, under the same id, when the user is back whose server kept nothing', async () => {
    tell('Hello');
    const { attrs } = await heard('Hello');
    alice.send(
      `<message type='error' id='${attrs['id']}' to='${ROMEO}'><error type='cancel'><service-unavailable xmlns='${ERRORS}'/></error></message>`,
    );
    await alice.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await settled(world);
    assert.equal(unheard(), 0, 'not at once');
    alice.send(`<presence to='${LOOP}'/>`);
    const again = await heard('Hello');
    assert.equal(again.attrs['id'], attrs['id']);
  });

  test('comes again when he writes, whose clients do not show themselves to the gateway', async () => {
    const bob = await world.client('bob');
    await bob.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><nick>bob</nick></query></iq>`,
    );
    const write = async (): Promise<void> => {
      bob.send(`<message type='chat' to='${ROMEO}'><body>I am here</body></message>`);
      await world.network.expect('send');
    };
    await write();
    const message = { from: contactId('romeo'), id: messageId('b1'), text: 'Hello' };
    world.network.emit('bob', { kind: 'message', ...message });
    const wanted = `<message type='chat' from='${ROMEO}'><body>Hello</body></message>`;
    const { attrs } = await bob.expect(wanted);
    bob.send(
      `<message type='error' id='${attrs['id']}' to='${ROMEO}'><error type='cancel'><service-unavailable xmlns='${ERRORS}'/></error></message>`,
    );
    await bob.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await settled(world);
    await write();
    assert.equal((await bob.expect(wanted)).attrs['id'], attrs['id']);
  });

  test('comes again by itself when the user came while her server was sending it back', async () => {
    tell('Hello');
    const { attrs } = await heard('Hello');
    alice.send(`<presence to='${LOOP}'/>`);
    await alice.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    const bounce = `<message type='error' id='${attrs['id']}' to='${ROMEO}'><error type='cancel'><service-unavailable xmlns='${ERRORS}'/></error></message>`;
    alice.send(bounce);
    const again = await heard('Hello');
    assert.equal(again.attrs['id'], attrs['id']);
    alice.send(bounce);
    await alice.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await settled(world);
    tell('end');
    await heard('end');
    assert.equal(unheard(), 0, 'she has not come since');
    alice.send(`<presence to='${LOOP}'/>`);
    assert.equal((await heard('Hello')).attrs['id'], attrs['id']);
  });

  test('does not come again when the user does not want it, or for ever', async () => {
    tell('Hello');
    const first = await heard('Hello');
    const bounce = (condition: string, id: string | undefined): void =>
      alice.send(
        `<message type='error' id='${id}' to='${ROMEO}'><error type='cancel'><${condition} xmlns='${ERRORS}'/></error></message>`,
      );
    bounce('not-acceptable', first.attrs['id']);
    await settled(world);
    alice.send(`<presence to='${LOOP}'/>`);
    tell('Again');
    let { attrs } = await heard('Again');
    let times = 1;
    for (; times < 20; times += 1) {
      bounce('service-unavailable', attrs['id']);
      await settled(world);
      alice.send(`<presence to='${LOOP}'/>`);
      tell(`mark ${times}`);
      await heard(`mark ${times}`);
      await settled(world);
      const again = alice.unclaimed.find((each) => each.attrs['id'] === attrs['id']);
      if (again === undefined) break;
      ({ attrs } = await heard('Again'));
    }
    assert.ok(times > 2 && times < 20, `${times} times`);
    assert.equal(unheard(), 0);
  });

  test('of a stranger is held until the user agrees, and then told', async () => {
    tell('Wilt thou?', { isUninvited: true });
    await alice.expect(`<presence type='subscribe' from='${ROMEO}'/>`);
    assert.equal(unheard(), 0);
    await world.stopGateway();
    await world.startGateway();
    alice.send(`<presence type='subscribed' to='${ROMEO}'/>`);
    await heard('Wilt thou?');
    await until(() => world.network.isOnline('alice'));
    tell('Once more', { isUninvited: true });
    await heard('Once more');
  });

  test('of a stranger is told when the user writes to it', async () => {
    tell('Wilt thou?', { isUninvited: true });
    await alice.expect(`<presence type='subscribe' from='${ROMEO}'/>`);
    alice.send(`<message type='chat' to='${ROMEO}'><body>Who are you?</body></message>`);
    await heard('Wilt thou?');
  });

  test('of a stranger is dropped when the user refuses', async () => {
    tell('Buy this', { isUninvited: true });
    await alice.expect(`<presence type='subscribe' from='${ROMEO}'/>`);
    alice.send(`<presence type='unsubscribed' to='${ROMEO}'/>`);
    await settled(world);
    alice.send(`<presence type='subscribe' to='${ROMEO}'/>`);
    tell('Hello');
    await heard('Hello');
    assert.equal(unheard(), 0);
  });

  test('is found by the key of an account, and taken though the user is not there', async () => {
    const { context } = world.network;
    assert.equal(await context?.find('nobody'), undefined);
    alice.send(`<presence type='unavailable'/>`);
    const host = await context?.find('alice');
    await host?.emit({
      kind: 'message',
      from: contactId('romeo'),
      id: messageId('by-key'),
      text: 'Found',
    });
    alice.send('<presence/>');
    await heard('Found');
  });

  test('is not told to another user by the same key', async () => {
    const bob = await world.client('bob');
    const answer = await bob.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><nick>Alice</nick></query></iq>`,
    );
    assert.equal(answer.attrs['type'], 'error');
    assert.ok(JSON.stringify(answer).includes('"conflict"'), JSON.stringify(answer));
    await alice.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    await world.register(bob, 'alice');
    assert.ok((await world.network.context?.find('alice')) !== undefined);
  });

  test('finds sessions open from the start, whoever is there', async () => {
    assert.equal(world.network.starts, 1);
    alice.destroy();
    await world.stopGateway();
    assert.equal(world.network.isOnline('alice'), false);
    await world.startGateway();
    await until(() => world.network.isOnline('alice'));
    assert.equal(world.network.starts, 2);
  });

  test('may be remembered by the gateway itself, through restarts', async () => {
    await world.network.context?.memory.set('cursor', '42');
    await world.stopGateway();
    await world.startGateway();
    assert.equal(await world.network.context?.memory.get('cursor'), '42');
  });
});

/** All that is under way in the gateway has gone through the mailbox and to disk. */
async function settled(_world: LoopbackWorld): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) assert.fail('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
