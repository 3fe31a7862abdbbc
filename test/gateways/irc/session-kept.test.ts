import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MapMemory, startRig } from './session-rig.ts';

const account = { nick: 'alice' };

test('who stays connected is brought back into her channels when the gateway starts again', async (context) => {
  const memory = new MapMemory();
  const options = { account, memory, staysConnected: true };
  const before = await startRig(context, options);
  const joining = before.session.join(before.room, { nick: 'alice', password: 'sesame' });
  const irc = await before.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  await before.stop();
  assert.match((await memory.get('channels')) ?? '', /#room%test.*sesame/);
  const after = await startRig(context, options);
  const back = await after.server.accept();
  await back.welcome('alice');
  assert.match(await back.expect(/^JOIN/), /^JOIN #room :?sesame$/);
  back.send(':alice!u@h JOIN #room', ':s 353 alice = #room :alice', ':s 366 alice #room :End');
  const told = await after.events.next('room');
  assert.deepEqual([told.room, told.isKept], [after.room, true]);
  after.session.leaveForGood(after.room);
  await back.expect(/^PART #room/);
  assert.equal((await after.events.next('left')).nick, 'alice');
  await after.stop();
  assert.equal(await memory.get('channels'), '[]');
});

test('goes on trying for the channels of old while the server is down', async (context) => {
  const memory = new MapMemory();
  await memory.set('channels', JSON.stringify([{ room: '#room%test', nick: 'alice' }]));
  const rig = await startRig(context, { account, memory, staysConnected: true });
  (await rig.server.accept()).socket.destroy();
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  assert.equal((await rig.events.next('room')).isKept, true);
});

test('nobody else is brought anywhere, and junk that was kept does no harm', async (context) => {
  const memory = new MapMemory();
  await memory.set('channels', JSON.stringify([{ room: '#room%test', nick: 'alice' }]));
  const rig = await startRig(context, { account, memory });
  await rig.stop();
  assert.deepEqual(rig.events.kinds, []);
  const junk = new MapMemory();
  await junk.set('channels', '{"a":1}');
  const other = await startRig(context, { account, memory: junk, staysConnected: true });
  await other.stop();
  assert.deepEqual(other.events.kinds, []);
});
