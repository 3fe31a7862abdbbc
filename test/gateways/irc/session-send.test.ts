import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { outgoing } from '../../harness/gateway-context.ts';
import { contactId } from '../../../src/plugin/index.ts';
import type { Address } from '../../../src/plugin/index.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

async function enter(
  context: TestContext,
  options: RigOptions = {},
): Promise<Rig & { irc: LineSocket; to: Address }> {
  const rig = await startRig(context, options);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice @bob');
  await joining;
  return { ...rig, irc, to: { kind: 'room', id: rig.room } };
}

const bob: Address = { kind: 'contact', id: contactId('bob%test') };

test('splits a long text into lines that reach others whole, and loses no character', async (context) => {
  const { session, irc, to } = await enter(context, {
    server: { throttle: { burst: 100, perSecond: 100 } },
  });
  const text = 'äöü€🦊'.repeat(300);
  await session.send(to, outgoing({ key: '1', text }));
  let got = '';
  while (got.length < text.length) {
    const line = await irc.expect(/^PRIVMSG #room :/);
    const whole = `:alice!u@host.test ${line}\r\n`;
    assert.ok(Buffer.byteLength(whole) <= 512, String(Buffer.byteLength(whole)));
    assert.ok(!line.includes('\ufffd'));
    got += line.slice('PRIVMSG #room :'.length);
  }
  assert.equal(got, text);
});

test('sends line ends as lines and no other command', async (context) => {
  const { session, irc, to } = await enter(context);
  await session.send(to, outgoing({ key: '1', text: 'one\r\nQUIT :x\rthree\n\n\0four' }));
  for (const text of ['one', 'QUIT :x', 'three', 'four']) {
    assert.equal(await irc.expect(/./), `PRIVMSG #room :${text}`);
  }
});

test('makes an action of the first line only', async (context) => {
  const { session, irc, to } = await enter(context);
  await session.send(to, outgoing({ key: '1', text: '/me waves\nand goes' }));
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG #room :\u0001ACTION waves\u0001');
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG #room :and goes');
});

test('refuses a text in which nothing is left to send', async (context) => {
  const { session, to } = await enter(context);
  await refused(session.send(to, outgoing({ key: '1', text: '\n\r\n' })), 'invalid');
});

test('tells once by key that a message was refused, however many lines it had', async (context) => {
  const { session, irc, events, to } = await enter(context);
  await session.send(to, outgoing({ key: 'old', text: 'fine' }));
  await session.send(to, outgoing({ key: 'new', text: 'a\nb' }));
  irc.send(':irc.test 404 alice #room :Cannot send', ':irc.test 404 alice #room :Cannot send');
  irc.send(':bob!b@h PRIVMSG #room :end');
  const failed = await events.next('failed');
  assert.equal(failed.key, 'new');
  assert.equal(failed.error.kind, 'refused');
  assert.ok(!events.kinds.includes('failed'));
  await events.next('room-message');
});

test('tells that there is nobody with the nick of a private message', async (context) => {
  const { session, irc, events } = await enter(context);
  await session.send(bob, outgoing({ key: 'k', text: 'psst' }));
  await irc.expect(/^PRIVMSG bob :psst$/);
  irc.send(':irc.test 401 alice Bob :No such nick');
  const failed = await events.next('failed');
  assert.deepEqual([failed.to, failed.key, failed.error.kind], [bob, 'k', 'not-found']);
});

test('does not call a person a channel who takes messages from people with an account alone', async (context) => {
  const { session, irc, events } = await enter(context);
  await session.send(bob, outgoing({ key: 'k', text: 'psst' }));
  await irc.expect(/^PRIVMSG bob :psst$/);
  irc.send(':irc.test 477 alice bob :You need to be identified to a registered account');
  const { error } = await events.next('failed');
  assert.equal(error.kind, 'refused');
  assert.match(error.message, /^That person takes messages from people with an account only\./);
});

test('refuses as a whole what the queue has no room for', async (context) => {
  const { session, to } = await enter(context);
  const text = Array.from({ length: 1_200 }, (_, index) => `line ${index}`).join('\n');
  await refused(session.send(to, outgoing({ key: '1', text })), 'too-fast');
  await session.send(to, outgoing({ key: '2', text: 'short' }));
});

test('answers in time for what waits in the queue, and tells its failure later', async (context) => {
  const { session, irc, events, to } = await enter(context, {
    server: { throttle: { burst: 2, perSecond: 0.01 } },
    timings: { queueTimeoutMs: 50, reconnectMinMs: 60_000 },
  });
  await session.send(to, outgoing({ key: 'slow', text: 'a\nb\nc' }));
  irc.socket.destroy();
  assert.equal((await events.next('failed')).key, 'slow');
});

test('rejects what was not written when the connection goes, and goes on there the next time', async (context) => {
  const { server, session, irc, events, to } = await enter(context, {
    server: { throttle: { burst: 3, perSecond: 0.01 } },
  });
  const sending = refused(
    session.send(to, outgoing({ key: '1', text: 'a\nb\nc\nd' })),
    'unreachable',
  );
  await irc.expect(/:b$/);
  irc.socket.destroy();
  await sending;
  const back = await server.accept();
  await back.welcome('alice');
  await back.letIn('alice', '#room', 'alice');
  await events.next('room');
  await session.send(to, outgoing({ key: '1', text: 'a\nb\nc\nd' }));
  assert.equal(await back.expect(/PRIVMSG/), 'PRIVMSG #room :c');
  assert.equal(await back.expect(/PRIVMSG/), 'PRIVMSG #room :d');
});

test('says that a message may not have arrived when the server was silent ever since', async (context) => {
  const { session, irc, events, to } = await enter(context, {
    timings: { reconnectMinMs: 60_000 },
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await session.send(to, outgoing({ key: 'gone', text: 'hello?' }));
  await irc.expect(/hello/);
  irc.socket.destroy();
  assert.equal((await events.next('failed')).key, 'gone');
});

test('gives messages, actions and formatting from others as plain text', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(
    ':bob!b@h PRIVMSG #room :\u000304,05red\u000f and \u0002bold\u0002',
    ':bob!b@h PRIVMSG #room :\u0001ACTION nods\u0001',
    ':Bob!b@h PRIVMSG alice :psst',
    ':NickServ!s@services NOTICE alice :Identify yourself',
  );
  assert.equal((await events.next('room-message')).text, 'red and bold');
  assert.equal((await events.next('room-message')).text, '/me nods');
  const message = await events.next('message');
  assert.deepEqual([message.from, message.nick, message.text], ['bob%test', 'Bob', 'psst']);
  assert.equal((await events.next('message')).from, 'nickserv%test');
});

test('answers CTCP requests, but not a flood of them', async (context) => {
  const { irc } = await enter(context);
  irc.send(...Array.from({ length: 50 }, () => ':eve!e@h PRIVMSG alice :\u0001VERSION\u0001'));
  irc.send('PING :one two');
  assert.match(await irc.expect(/./), /^NOTICE eve :\u0001VERSION Causeway/);
  assert.equal(await irc.expect(/./), 'PONG :one two');
  irc.send('PING :end');
  assert.equal(await irc.expect(/./), 'PONG :end');
});

test('takes what cannot be told of out of the name of somebody to whom the user wrote', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':alice!u@host.test PRIVMSG \u0001Bob\u0001 :hello');
  const { from, nick, isOwn } = await events.next('message');
  assert.deepEqual([from, nick, isOwn], ['bob%test', 'Bob', true]);
});
