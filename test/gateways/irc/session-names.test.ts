import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contactId, NetworkError, networkId, roomId } from '../../../src/plugin/index.ts';
import type { ContactId } from '../../../src/plugin/index.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { MapMemory, startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

// The known server is called "test", and its host is another name for it.
const byHost = roomId('#room%127.0.0.1');

async function enter(
  context: TestContext,
  room = byHost,
  options: RigOptions = {},
): Promise<Rig & { readonly irc: LineSocket }> {
  const rig = await startRig(context, options);
  const joining = rig.session.join(room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', '@alice bob carol');
  await joining;
  return { ...rig, irc };
}

test('a server is connected to once, whatever the user calls it', async (context) => {
  const { session, irc, events } = await enter(context);
  assert.deepEqual(session.servers, ['test']);
  const other = roomId('#other%test');
  const joining = session.join(other, { nick: 'alice' });
  await irc.letIn('alice', '#other', 'alice bob');
  await joining;
  irc.send(':bob!b@h PRIVMSG #room :here', ':bob!b@h PRIVMSG #other :and there');
  assert.equal((await events.next('room-message')).room, byHost);
  assert.equal((await events.next('room-message')).room, other);
  await session.leave(byHost);
  await irc.expect(/^PART #room/);
  assert.equal(session.connectionTo('127.0.0.1')?.nick, 'alice');
});

test('who is in a channel is told its address when she asks for it by another', async (context) => {
  const { session, irc, room, events } = await enter(context);
  const asked = [
    room,
    // RFC 2812 §2.2: to a server with the case mapping of old, this is one channel.
    roomId('#a{b%test'),
  ];
  irc.send(':irc.test 005 alice CASEMAPPING=rfc1459 :are supported');
  const joining = session.join(roomId('#a[b%test'), { nick: 'alice' });
  await irc.expect(/^JOIN :?#a\[b$/);
  irc.send(':alice!u@h JOIN #a[b', ':s 353 alice = #a[b :alice', ':s 366 alice #a[b :End');
  await joining;
  const addresses = [];
  for (const one of asked) {
    const error: unknown = await session.join(one, { nick: 'alice' }).catch((e: unknown) => e);
    assert.ok(error instanceof NetworkError && error.kind === 'elsewhere');
    addresses.push(error.address?.id);
  }
  assert.deepEqual(addresses, [byHost, '#a[b%test']);
  await session.leave(room);
  irc.send(':bob!b@h PRIVMSG #room :still here');
  assert.equal((await events.next('room-message')).room, byHost);
});

test('people write from the address that the user has for them, others from the usual one', async (context) => {
  const dave = contactId('dave%127.0.0.1');
  const { session, irc, events } = await enter(context, undefined, {
    account: { nick: 'alice' },
    watched: new Set<ContactId>([dave]),
  });
  const from = async (nick: string): Promise<string> => {
    irc.send(`:${nick}!x@h PRIVMSG alice :hello`);
    return (await events.next('message')).from;
  };
  assert.equal(await from('dave'), dave);
  assert.equal(await from('bob'), 'bob%test');
  for (const id of ['bob%127.0.0.1', 'Bob%127.0.0.1', 'bob%test'].map(contactId)) {
    await session.send({ kind: 'contact', id }, outgoing({ key: id, text: 'hi' }));
    assert.equal((await from('bob')).toLowerCase(), id.toLowerCase());
  }
  assert.equal(await from('dave'), dave);
});

test('the state of a server is told for all names that the user calls it by', async (context) => {
  const { session, irc, events } = await enter(context);
  const [one, other] = [networkId('test'), networkId('127.0.0.1')];
  for (const network of [one, other]) {
    await events.next('network', (event) => event.network === network && event.state === 'online');
  }
  irc.send('ERROR :Closing link');
  irc.socket.destroy();
  for (const network of [one, other]) {
    await events.next('network', (event) => event.network === network && event.state === 'offline');
  }
  session.disconnect('127.0.0.1', '');
});

test('what the user has set for a server by its other name is still good', async (context) => {
  const memory = new MapMemory();
  await memory.set('server 127.0.0.1', JSON.stringify({ nick: 'wonder' }));
  const rig = await startRig(context, { memory });
  rig.session.join(rig.room, { nick: 'alice' }).catch(() => undefined);
  const irc = await rig.server.accept();
  assert.match(await irc.expect(/^NICK/), /^NICK :?wonder$/);
});

test('channels that were kept by both names are entered once', async (context) => {
  const memory = new MapMemory();
  const kept = [byHost, '#room%test', '#other%test'].map((room) => ({ room, nick: 'alice' }));
  await memory.set('channels', JSON.stringify(kept));
  const rig = await startRig(context, { account: { nick: 'alice' }, memory, staysConnected: true });
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await irc.letIn('alice', '#other', 'alice');
  assert.equal((await rig.events.next('room')).room, byHost);
  assert.equal((await rig.events.next('room')).room, '#other%test');
});
