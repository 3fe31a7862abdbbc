import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Timings } from '../../../gateways/irc/timings.ts';
import { contactId, roomId } from '../../../src/plugin/index.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig } from './session-rig.ts';

async function enter(
  context: TestContext,
  timings: Partial<Timings> = {},
): Promise<Rig & { irc: LineSocket }> {
  const rig = await startRig(context, { timings });
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcomeWith('batch message-tags server-time', 'alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  return { ...rig, irc };
}

test('soju: what it has no connection for is refused: messages one by one, a nick, a channel', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const other = roomId('#other%test');
  const to = { kind: 'room', id: room } as const;
  await session.send(to, outgoing({ key: 'fine', text: 'heard' }));
  await irc.expect(/:heard$/);
  const alone = ':soju 400 alice PRIVMSG :Disconnected from upstream network';
  for (const key of ['one', 'two']) await session.send(to, outgoing({ key, text: key }));
  await irc.expect(/:two$/);
  irc.send(alone, alone);
  assert.deepEqual(
    [await events.next('failed'), await events.next('failed')].map(({ key }) => key).toSorted(),
    ['one', 'two'],
  );
  const renaming = refused(session.rename(room, 'alicia'), 'refused');
  await irc.expect(/^NICK/);
  irc.send(':soju 400 alice NICK :Disconnected from upstream network');
  await renaming;
  const joining = refused(session.join(other, { nick: 'alice' }), 'refused');
  await irc.expect(/^JOIN :?#other$/);
  irc.send(':soju 400 alice JOIN :Disconnected from upstream network');
  await joining;
});

test('ZNC: what it passes on before its own introduction is over is refused', async (context) => {
  const { session, irc, events, room } = await enter(context);
  await session.send({ kind: 'room', id: room }, outgoing({ key: 'early', text: 'early' }));
  await irc.expect(/:early$/);
  irc.send(':irc.test 451 alice PRIVMSG :You have not registered.');
  const failed = await events.next('failed');
  assert.deepEqual([failed.key, failed.error.kind], ['early', 'unreachable']);
});

test('Ergo: a nick that is reserved is refused in its own way', async (context) => {
  const { session, irc, room } = await enter(context);
  const renaming = refused(session.rename(room, 'carol'), 'conflict');
  await irc.expect(/^NICK/);
  irc.send(
    ':ergo.test FAIL NICK NICKNAME_RESERVED carol :Nickname is reserved by a different account',
  );
  await renaming;
});

test('ZNC: its modules can be written to, and masks of people cannot', async (context) => {
  const { session, irc } = await enter(context);
  const write = (id: string): Promise<unknown> =>
    Promise.resolve(
      session.send(
        { kind: 'contact', id: contactId(id) },
        outgoing({ key: id, text: 'ListNetworks' }),
      ),
    );
  await write('*status%test');
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG *status :ListNetworks');
  await refused(write('*!*@*.test%test'), 'not-found');
});

test('ZNC: a message that it says to have lost has failed, whoever it was for', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const lost = (target: string): string =>
    `:*status!znc@znc.in PRIVMSG alice :Your message to ${target} got lost, you are not connected to IRC!`;
  await session.send({ kind: 'room', id: room }, outgoing({ key: 'room', text: 'one' }));
  await session.send(
    { kind: 'contact', id: contactId('bob%test') },
    outgoing({ key: 'bob', text: 'two' }),
  );
  await irc.expect(/:two$/);
  irc.send(lost('#room'), lost('bob'), lost('nobody'));
  for (const key of ['room', 'bob']) {
    const failed = await events.next('failed');
    assert.deepEqual([failed.key, failed.error.kind], [key, 'unreachable']);
  }
  assert.match((await events.next('message')).text, /^Your message to nobody got lost/);
});

test('soju: channels that it cannot enter while it has no connection are come back to later', async (context) => {
  const { server, session, irc, events } = await enter(context, { rejoinTimeoutMs: 20 });
  const joining = session.join(roomId('#other%test'), { nick: 'alice' });
  await irc.letIn('alice', '#other', 'alice');
  await joining;
  irc.socket.destroy();
  const back = await server.accept();
  await back.welcomeWith('batch message-tags server-time', 'alice');
  for (let times = 0; times < 4; times += 1) {
    await back.expect(/^JOIN/);
    back.send(':soju 400 alice JOIN :Disconnected from upstream network');
  }
  // It lets the user in by itself, when it can.
  for (const channel of ['#room', '#other']) {
    back.send(
      `:alice!u@host.test JOIN ${channel}`,
      `:irc.test 353 alice = ${channel} :alice`,
      `:irc.test 366 alice ${channel} :End`,
    );
    await events.next('room');
  }
});

test('Ergo: a channel that is refused by its name is lost, when the user comes back', async (context) => {
  const { server, irc, events, room } = await enter(context);
  irc.socket.destroy();
  const back = await server.accept();
  await back.welcomeWith('batch message-tags server-time', 'alice');
  await back.expect(/^JOIN/);
  back.send(':ergo.test 400 alice JOIN #room :Unknown error');
  const lost = await events.next('room-lost', ({ returning }) => !returning);
  assert.equal(lost.room, room);
});
