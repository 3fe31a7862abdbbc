import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetworkError, roomId } from '../../../src/plugin/index.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';

const alice = { nick: 'alice' };

test('who is sent on to another channel is told its address, and is in it', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice).catch((error: unknown) => error);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN :?#room$/);
  irc.send(
    ':irc.test 470 alice #room ##room :Forwarding to another channel',
    ':alice!u@host.test JOIN ##room',
    ':irc.test 353 alice = ##room :alice',
    ':irc.test 366 alice ##room :End',
  );
  const error = await joining;
  assert.ok(error instanceof NetworkError && error.kind === 'elsewhere');
  assert.deepEqual(error.address, { kind: 'room', id: '##room%test' });
  assert.equal((await events.next('room')).room, '##room%test');
});

test('connects on the first join and answers with members, ranks and subject', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN :?#room$/);
  irc.send(
    ':alice!u@host.test JOIN :#room',
    ':irc.test 332 alice #room :\u0002Bold\u0002 talk',
    ':irc.test 333 alice #room bob!b@host 1700000000',
    ':irc.test 353 alice = #room :@alice +bob!b@host',
    ':irc.test 353 alice = #room :carol',
    ':irc.test 366 alice #room :End',
  );
  const state = await joining;
  assert.equal(state.nick, 'alice');
  assert.deepEqual(
    state.members.map(({ nick, rank, contact }) => [nick, rank, contact]),
    [
      ['alice', 'admin', 'alice%test'],
      ['bob', 'member', 'bob%test'],
      ['carol', 'participant', 'carol%test'],
    ],
  );
  assert.deepEqual(state.subject, {
    text: 'Bold talk',
    by: 'bob',
    at: new Date(1_700_000_000_000),
  });
});

test('takes the nick with which the user comes back, while the connection is still there', async (context) => {
  const { server, session, room } = await startRig(context);
  const welcome = (irc: LineSocket, nick: string, channel: string): void =>
    irc.send(
      `:${nick}!u@host.test JOIN :${channel}`,
      `:irc.test 353 ${nick} = ${channel} :${nick}`,
      `:irc.test 366 ${nick} ${channel} :End`,
    );
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN :?#room$/);
  welcome(irc, 'alice', '#room');
  await joining;
  await session.leave(room);
  await irc.expect(/^PART #room/);
  irc.send(':alice!u@host.test PART #room');

  const taken = refused(session.join(room, { nick: 'bob' }), 'conflict');
  assert.equal(await irc.expect(/^(NICK|JOIN)/), 'NICK :bob');
  irc.send(':irc.test 433 alice bob :Nickname is already in use');
  await taken;

  const again = session.join(room, { nick: 'anna' });
  assert.equal(await irc.expect(/^(NICK|JOIN)/), 'NICK :anna');
  irc.send(':alice!u@host.test NICK anna');
  await irc.expect(/^JOIN :?#room$/);
  welcome(irc, 'anna', '#room');
  assert.equal((await again).nick, 'anna');

  // Who is known by a nick in one channel keeps it in the next.
  const other = session.join(roomId('#other%test'), alice);
  assert.match(await irc.expect(/^(NICK|JOIN)/), /^JOIN :?#other$/);
  welcome(irc, 'anna', '#other');
  assert.equal((await other).nick, 'anna');
});

test('tells what was said right behind the list of members after the join was answered', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const order: string[] = [];
  const joining = session.join(room, alice).then(() => order.push(...events.kinds, 'joined'));
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN/);
  irc.send(
    ':alice!u@h JOIN #room',
    ':bob!b@h PRIVMSG #room :early',
    ':irc.test 353 alice = #room :alice bob',
    ':irc.test 366 alice #room :End',
    ':bob!b@h PRIVMSG #room :late',
  );
  await joining;
  assert.ok(!order.includes('room-message'), order.join(' '));
  assert.equal((await events.next('room-message')).text, 'early');
  assert.equal((await events.next('room-message')).text, 'late');
});

const refusals = [
  ['403', 'not-found'],
  ['405', 'refused'],
  ['437', 'conflict'],
  ['471', 'full'],
  ['473', 'members-only'],
  ['474', 'refused'],
  ['475', 'key'],
  ['476', 'invalid'],
  ['477', 'members-only'],
  ['489', 'members-only'],
  ['520', 'refused'],
] as const;

test('gives every refusal of a channel to the one who joins, at once', async (context) => {
  const throttle = { burst: 100, perSecond: 100 };
  const { server, session } = await startRig(context, { server: { throttle } });
  const joining = refusals.map(([numeric, kind]) =>
    refused(session.join(roomId(`#c${numeric}%test`), alice), kind),
  );
  const irc = await server.accept();
  await irc.welcome('alice');
  for (const [numeric] of refusals) {
    await irc.expect(new RegExp(`^JOIN :?#c${numeric}`));
    irc.send(`:irc.test ${numeric} alice #c${numeric} :No`);
  }
  await Promise.all(joining);
});

test('gives the time-out of a channel that never answers', async (context) => {
  const { server, session, room } = await startRig(context, { timings: { joinTimeoutMs: 50 } });
  const joining = refused(session.join(room, alice), 'unreachable');
  await (await server.accept()).welcome('alice');
  await joining;
});

test('gets into more channels, and back, than the throttle lets it ask for in the time of one', async (context) => {
  const { server, session, events } = await startRig(context, {
    options: { throttle: { burst: 1, perSecond: 20 } },
    timings: { joinTimeoutMs: 200, rejoinTimeoutMs: 200 },
  });
  const names = Array.from({ length: 10 }, (_, index) => `#room${index}`);
  const joining = names.map((name) => session.join(roomId(`${name}%test`), alice));
  const irc = await server.accept();
  await irc.welcome('alice');
  for (const name of names) await irc.letIn('alice', name, 'alice');
  await Promise.all(joining);
  irc.socket.destroy();
  await events.next('network', ({ state }) => state === 'offline');
  const again = await server.accept();
  await again.welcome('alice');
  await events.next('network', ({ state }) => state === 'online');
  for (const name of names) await again.letIn('alice', name, 'alice');
  for (const name of names) await events.next('room', ({ room }) => room === `${name}%test`);
  assert.ok(!events.kinds.includes('room-lost'));
});

test('does not come in any more when the user leaves while JOIN is under way', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = refused(session.join(room, alice), 'not-joined');
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN/);
  await session.leave(room);
  await joining;
  await irc.expect(/^PART/);
  const again = session.join(room, alice);
  await irc.expect(/^JOIN/);
  irc.send(
    ':alice!u@h JOIN #room',
    ':irc.test 353 alice = #room :alice ghost',
    ':irc.test 366 alice #room :End',
    ':alice!u@h PART #room',
    ':alice!u@h JOIN #room',
    ':irc.test 353 alice = #room :alice bob',
    ':irc.test 366 alice #room :End',
  );
  const { members } = await again;
  assert.deepEqual(
    members.map(({ nick }) => nick),
    ['alice', 'bob'],
  );
  assert.ok(!events.kinds.includes('room'));
});

test(
  'is told at once who is put out before all is known of the channel',
  { timeout: 5_000 },
  async (context) => {
    const { server, session, events, room } = await startRig(context);
    const kicked = refused(session.join(room, { nick: 'alice' }), 'refused');
    const irc = await server.accept();
    await irc.welcome('alice');
    await irc.expect(/^JOIN /);
    const entry = [':alice!u@h JOIN #room', ':irc.test 353 alice = #room :alice @bob'];
    irc.send(...entry, ':bob!b@h KICK #room alice :Not today');
    await kicked;
    const parted = refused(session.join(room, { nick: 'alice' }), 'not-joined');
    await irc.expect(/^JOIN /);
    irc.send(':alice!u@h JOIN #room', ':alice!u@h PART #room');
    await parted;
    const joining = session.join(room, { nick: 'alice' });
    await irc.letIn('alice', '#room', 'alice @bob');
    await joining;
    irc.socket.destroy();
    const again = await server.accept();
    await again.welcome('alice');
    await again.expect(/^JOIN /);
    again.send(...entry, ':bob!b@h KICK #room alice :Not today');
    const lost = await events.next('room-lost', ({ returning }) => !returning);
    assert.equal(lost.error.message, 'bob has put you out of the channel: Not today');
  },
);

test('tells a room that the server puts the user into', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice', ':alice!u@h JOIN #Other');
  await joining;
  irc.send(':irc.test 353 alice = #Other :alice @op', ':irc.test 366 alice #other :End');
  const told = await events.next('room');
  assert.equal(told.room, '#other%test');
  assert.equal(told.state.members.length, 2);
});

test('finds a channel whose name the server folds otherwise than was thought', async (context) => {
  const { server, session } = await startRig(context);
  const room = roomId('#a[b]%test');
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN/);
  irc.send(
    ':alice!u@h JOIN #a[b]',
    ':irc.test 353 alice = #a[b] :alice',
    ':irc.test 366 alice #a[b] :End',
  );
  assert.equal((await joining).members.length, 1);
});

test('is in one of two channels that turn out to be the same to the server, and told so', async (context) => {
  const { server, session, events } = await startRig(context);
  const ids = ['#a~%test', '#a^%test'] as const;
  const joining = session.join(roomId(ids[0]), alice);
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#a~', 'alice');
  await joining;
  const second = session.join(roomId(ids[1]), alice);
  await irc.expect(/^JOIN/);
  irc.send(
    ':alice!u@h JOIN #a^',
    ':irc.test 353 alice = #a^ :alice',
    ':irc.test 366 alice #a^ :End',
  );
  await second;
  irc.send(':irc.test 005 alice CASEMAPPING=rfc1459 :are supported');
  const { room, returning, error } = await events.next('room-lost');
  assert.deepEqual([room, returning, error.kind], [ids[1], false, 'elsewhere']);
  irc.send(':bob!b@h PRIVMSG #a^ :still here');
  assert.equal((await events.next('room-message')).room, ids[0]);
});

test('refuses names that would break out of their place in a line', async (context) => {
  const { session, room } = await startRig(context);
  for (const nick of ['a b', 'a\r\nQUIT', 'a\0', 'a\n', '', '#a', ':a', 'a,b']) {
    await refused(session.join(room, { nick }), 'invalid');
  }
});

test('refuses a key with a line end without sending anything', async (context) => {
  const { server, session, room } = await startRig(context);
  for (const password of ['x\r\nQUIT :y', 'a b', ':a', 'a,b']) {
    await refused(session.join(room, { ...alice, password }), 'key');
  }
  assert.equal(server.openCount, 0);
});

test('counts channels that are asked for at the same time', async (context) => {
  const { server, session } = await startRig(context, { options: { maxRoomsPerUser: 2 } });
  const [joining, tooMany] = [
    ['#a', '#b'].map((name) => session.join(roomId(`${name}%test`), alice)),
    refused(session.join(roomId('#c%test'), alice), 'too-large'),
  ];
  const irc = await server.accept();
  await irc.welcome('alice');
  for (const channel of ['#a', '#b']) await irc.letIn('alice', channel, 'alice');
  await Promise.all(joining);
  await tooMany;
});

test('comes again with a nick that the server has cut', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = session.join(room, { nick: 'alexandria' });
  const irc = await server.accept();
  await irc.welcome('alexandr', ':irc.test 005 alexandr NICKLEN=8 :are supported');
  await irc.letIn('alexandr', '#room', 'alexandr');
  await joining;
  await session.leave(room);
  await irc.expect(/^PART #room/);
  irc.send(':alexandr!u@host.test PART #room');
  const again = session.join(room, { nick: 'alexandria' });
  assert.match(await irc.expect(/^(NICK|JOIN)/), /^JOIN/);
  irc.send(
    ':alexandr!u@host.test JOIN #room',
    ':irc.test 353 alexandr = #room :alexandr',
    ':irc.test 366 alexandr #room :End',
  );
  assert.equal((await again).nick, 'alexandr');
  const renaming = session.rename(room, 'constantine');
  await irc.expect(/^NICK :?constantine$/);
  irc.send(':alexandr!u@host.test NICK constant');
  await renaming;
});

test('comes again under the nick that a bouncer has given her, when hers is taken', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = session.join(room, alice);
  const irc = await server.accept();
  await irc.welcome('alicia');
  await irc.letIn('alicia', '#room', 'alicia');
  assert.equal((await joining).nick, 'alicia');
  await session.leave(room);
  await irc.expect(/^PART #room/);
  irc.send(':alicia!u@host.test PART #room');
  const again = session.join(room, alice);
  await irc.expect(/^NICK :?alice$/);
  irc.send(':irc.test 433 alicia alice :Nickname is already in use');
  await irc.letIn('alicia', '#room', 'alicia');
  assert.equal((await again).nick, 'alicia');
});
