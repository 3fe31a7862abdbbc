import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outgoing } from '../../harness/gateway-context.ts';
import { contactId, roomId } from '../../../src/plugin/index.ts';
import type { Address } from '../../../src/plugin/index.ts';
import { refused, startRig } from './session-rig.ts';

const alice = { nick: 'alice' };
const bob: Address = { kind: 'contact', id: contactId('bob%test') };

test('comes back into its rooms with their keys after the connection was lost', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, { ...alice, password: 'sesame' });
  const irc = await server.accept();
  await irc.welcome('alice');
  assert.match(await irc.expect(/^JOIN/), /^JOIN #room :?sesame$/);
  irc.send(':alice!u@h JOIN #room', ':s 353 alice = #room :alice', ':s 366 alice #room :End');
  await joining;
  irc.socket.destroy();
  const lost = await events.next('room-lost');
  assert.equal(lost.returning, true);
  const back = await server.accept();
  await back.welcome('alice');
  assert.match(await back.expect(/^JOIN/), /sesame/);
  back.send(':alice!u@h JOIN #room', ':s 353 alice = #room :alice bob', ':s 366 alice #room :End');
  assert.equal((await events.next('room')).state.members.length, 2);
});

test('comes back after the server told her that she quits, as Ergo does', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  irc.send(':alice!u@h QUIT :Killed (by an operator)', 'ERROR :Killed (by an operator)');
  irc.socket.end();
  assert.equal((await events.next('room-lost')).returning, true);
  assert.ok(!events.kinds.includes('left'));
  const back = await server.accept();
  await back.welcome('alice');
  await back.expect(/^JOIN :?#room$/);
});

test('comes back into rooms that are different to this server alone', async (context) => {
  const { server, session } = await startRig(context);
  const first = session.join(roomId('#a[%test'), alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  irc.send(':alice!u@h JOIN #a[', ':s 353 alice = #a[ :alice', ':s 366 alice #a[ :End');
  await first;
  const second = session.join(roomId('#a{%test'), alice);
  irc.send(':alice!u@h JOIN #a{', ':s 353 alice = #a{ :alice', ':s 366 alice #a{ :End');
  await second;
  irc.socket.destroy();
  const back = await server.accept();
  await back.welcome('alice');
  await back.expect(/^JOIN :?#a\[$/);
  await back.expect(/^JOIN :?#a\{$/);
});

for (const [what, stableMs, isLater] of [
  ['comes back later and later to a server that lets her in and puts her out', Infinity, true],
  ['comes back soon after a connection that has lasted, as often as it is lost', -Infinity, false],
] as const) {
  test(what, async (context) => {
    const FIRST_MS = 16;
    const { server, session, room } = await startRig(context, {
      timings: { reconnectMinMs: FIRST_MS, stableMs },
    });
    const joining = session.join(room, alice);
    let irc = await server.accept();
    await irc.welcome('alice');
    await irc.letIn('alice', '#room', 'alice');
    await joining;
    // Waits that no other timer has.
    context.mock.method(Math, 'random', () => 0.123_456);
    const waitMs = FIRST_MS * (0.5 + 0.123_456 / 2);
    const timers = context.mock.method(globalThis, 'setTimeout');
    for (let times = 0; times < 3; times += 1) {
      irc.send('ERROR :Closing link: killed (session limit exceeded)');
      irc.socket.end();
      irc = await server.accept();
      await irc.welcome('alice');
      await irc.expect(/^JOIN/);
    }
    const possible = new Set([1, 2, 4, 8].map((times) => times * waitMs));
    assert.deepEqual(
      timers.mock.calls.flatMap(({ arguments: [, ms = 0] }) => (possible.has(ms) ? [ms] : [])),
      (isLater ? [1, 2, 4] : [1, 1, 1]).map((times) => times * waitMs),
    );
  });
}

test('tells that a room will not take the user back', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  irc.socket.destroy();
  await events.next('room-lost', ({ returning }) => returning);
  const back = await server.accept();
  await back.welcome('alice');
  await back.expect(/^JOIN/);
  back.send(':s 474 alice #room :You are banned');
  const lost = await events.next('room-lost');
  assert.deepEqual([lost.returning, lost.error.kind], [false, 'refused']);
});

test('goes on trying for its rooms after a message found the server down', async (context) => {
  const { server, session, events, room } = await startRig(context, {
    timings: { reconnectMinMs: 100, reconnectMaxMs: 100, sendTimeoutMs: 200 },
  });
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  irc.socket.destroy();
  await events.next('room-lost');
  for (let failure = 0; failure < 3; failure += 1) {
    const sending = refused(session.send(bob, outgoing({ key: 'k', text: 'x' })), 'unreachable');
    const next = await server.accept();
    next.socket.destroy();
    await events.next('network', ({ state }) => state === 'offline');
    await sending;
  }
  for (;;) {
    const back = await server.accept();
    if (back.socket.destroyed) continue;
    await back.welcome('alice');
    await back.letIn('alice', '#room', 'alice');
    break;
  }
  await events.next('room');
});

test('takes a nick like the one that is taken when it comes back, and asks for it when it is free', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  irc.socket.destroy();
  const back = await server.accept();
  await back.expect(/^USER/);
  back.send(':s 433 * alice :Nickname is already in use.');
  await back.expect(/^NICK :?alice_$/);
  back.send(':s 001 alice_ :Welcome', ':s 422 alice_ :None');
  await back.letIn('alice_', '#room', 'alice_ alice');
  assert.equal((await events.next('room')).state.nick, 'alice_');
  back.send(':alice!old@h QUIT :Ping timeout');
  await back.expect(/^NICK :?alice$/);
  back.send(':alice_!u@h NICK alice');
  const renamed = await events.next('renamed');
  assert.deepEqual([renamed.nick, renamed.member.nick], ['alice_', 'alice']);
});

test('says conflict when the nick of the first join is taken', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = refused(session.join(room, alice), 'conflict');
  const irc = await server.accept();
  await irc.expect(/^USER/);
  irc.send(':s 433 * alice :Nickname is already in use.');
  await joining;
  await irc.closed;
});

test('says so when the server closes right after NICK', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = refused(session.join(room, alice), 'unreachable');
  const irc = await server.accept();
  await irc.expect(/^NICK/);
  irc.socket.end();
  await joining;
});

test('gives up on a server that never answers', async (context) => {
  const { server, session, room } = await startRig(context, {
    timings: { registrationTimeoutMs: 50 },
  });
  const joining = refused(session.join(room, alice), 'unreachable');
  const irc = await server.accept();
  await joining;
  await irc.closed;
});

test('says unreachable when nothing listens there', async (context) => {
  const { session } = await startRig(context, { server: { port: 1 } });
  await refused(session.join(roomId('#room%test'), alice), 'unreachable');
  await refused(session.send(bob, outgoing({ key: '1', text: 'hello' })), 'refused').catch(
    async () => {
      await refused(session.send(bob, outgoing({ key: '1', text: 'hello' })), 'unreachable');
    },
  );
});

test('does not come back after a ban from the network', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  irc.send('ERROR :Closing Link: host (K-Lined: go away)');
  irc.socket.end();
  const lost = await events.next('room-lost');
  assert.equal(lost.returning, false);
  assert.match(lost.error.message, /go away/);
});

test('finds a dead connection by ping and connects anew', async (context) => {
  const { server, session, events, room } = await startRig(context, {
    timings: { pingIntervalMs: 50, pingTimeoutMs: 50 },
  });
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  await irc.expect(/^PING/);
  irc.send(':s PONG s :causeway');
  await irc.expect(/^PING/);
  await events.next('room-lost');
  await (await server.accept()).expect(/^NICK/);
});

test('hangs up when nothing needs the connection any more', async (context) => {
  const { server, session, events, room } = await startRig(context, { timings: { idleMs: 50 } });
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  await session.leave(room, 'bye\r\nQUIT :injected');
  assert.equal(await irc.expect(/^PART/), 'PART #room :bye QUIT :injected');
  await irc.expect(/^QUIT/);
  await irc.closed;
  await events.next('network', ({ state }) => state === 'offline');
  assert.equal(server.openCount, 0);
});

test('says good-bye and leaves nothing open when the session ends', async (context) => {
  const { server, session, room, stop } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  await stop();
  await irc.expect(/^QUIT/);
  await irc.closed;
  await refused(
    session.send({ kind: 'room', id: room }, outgoing({ key: '1', text: 'x' })),
    'not-joined',
  );
});

test('lets a line of 100 kB pass by, and takes the next one', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  irc.send(`:bob!b@h PRIVMSG #room :${'x'.repeat(100_000)}`, ':bob!b@h PRIVMSG #room :after');
  assert.equal((await events.next('room-message')).text, 'after');
});

test('survives lines that are no UTF-8 and lines that are no lines', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  irc.send('', ' ', ':', '::', '@', '@x', ':a', 'MODE', 'MODE #room', 'KICK', 'NICK', 'JOIN');
  irc.send('PRIVMSG', 'NOTICE', '005', '005 alice CHANTYPES PREFIX', '353', '366', '332', '333');
  irc.send(
    'CAP',
    'AUTHENTICATE +',
    'BATCH',
    'QUIT',
    'PART',
    'TOPIC',
    'INVITE',
    '433',
    '401',
    '999',
  );
  irc.sendBytes(Buffer.from(':bob!b@h PRIVMSG #room :gr\xfc\xdfe\r\n', 'latin1'));
  assert.equal((await events.next('room-message')).text, 'grüße');
});

test('reads no more while the core is behind', async (context) => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  let told = 0;
  const { server, session, events, room } = await startRig(context, {
    onEvent: (event) => {
      if (event.kind !== 'room-message') return undefined;
      told += 1;
      return told < 3 ? undefined : gate;
    },
  });
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  const lines = Array.from({ length: 20_000 }, (_, index) => `:bob!b@h PRIVMSG #room :${index}`);
  irc.send(...lines, 'PING :end');
  await events.next('room-message', ({ text }) => text === '2');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, 3);
  release();
  await irc.expect(/^PONG :end$/);
  assert.equal(told, 20_000);
});

test('sends no password before TLS, signs in by SASL, and hangs on no answer to it', async (context) => {
  const account = { nick: 'alice', server: 'test', password: 'secret' };
  const { server, session, events, room } = await startRig(context, { account });
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.expect(/^CAP LS/);
  irc.send(':s CAP * LS :sasl multi-prefix');
  await irc.expect(/^CAP REQ :.*sasl/);
  irc.send(':s CAP * NAK :multi-prefix sasl');
  await irc.expect(/^CAP END/);
  irc.send(':s 001 alice :Welcome', ':s 422 alice :None');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  assert.match((await events.next('notice')).text, /SASL/);
});

test('says credentials when SASL fails', async (context) => {
  const account = { nick: 'alice', server: 'test', password: 'wrong' };
  const { server, session, room } = await startRig(context, { account });
  const joining = refused(session.join(room, alice), 'credentials');
  const irc = await server.accept();
  await irc.expect(/^CAP LS/);
  irc.send(':s CAP * LS :sasl=PLAIN');
  await irc.expect(/^CAP REQ/);
  irc.send(':s CAP * ACK :sasl');
  await irc.expect(/^AUTHENTICATE PLAIN/);
  irc.send('AUTHENTICATE +');
  const line = await irc.expect(/^AUTHENTICATE /);
  assert.equal(Buffer.from(line.slice(13), 'base64').toString(), 'alice\0alice\0wrong');
  irc.send(':s 904 alice :SASL authentication failed');
  await joining;
});

test('keeps a new connection when the one before it, which she quit, closes at last', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const old = await server.accept();
  old.socket.allowHalfOpen = true;
  await old.welcome('alice');
  await old.letIn('alice', '#room', 'alice');
  await joining;
  session.disconnect('test', 'Bye');
  await old.expect(/^QUIT/);
  const again = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await again;
  old.send(':bob!b@h PRIVMSG #room :of old', 'ERROR :Closing link');
  old.socket.end();
  await old.closed;
  irc.send(':bob!b@h PRIVMSG #room :of now');
  assert.equal((await events.next('room-message')).text, 'of now');
  assert.notEqual(session.connectionTo('test'), undefined);
});
