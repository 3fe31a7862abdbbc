import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Channel } from '../../../gateways/irc/channel.ts';
import { Crowd } from '../../../gateways/irc/crowd.ts';
import { People } from '../../../gateways/irc/people.ts';
import { defaultFeatures } from '../../../gateways/irc/server-features.ts';
import { roomId } from '../../../src/plugin/index.ts';
import { refused, startRig } from './session-rig.ts';

const NAMES_IN_LINE = 2_000;

const names = (from: number): string =>
  Array.from({ length: NAMES_IN_LINE }, (_, index) => `n${from + index}`).join(' ');

test('a server that tells of people without end is left, and not come back to', async (context) => {
  const { server, session, room, events } = await startRig(context);
  const joining = refused(session.join(room, { nick: 'alice' }), 'refused');
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.expect(/^JOIN :?#room$/);
  irc.send(':alice!u@host.test JOIN #room');
  let count = 0;
  const pouring = setInterval(() => {
    irc.send(`:irc.test 353 alice = #room :${names(count)}`);
    count += NAMES_IN_LINE;
  }, 0);
  context.after(() => clearInterval(pouring));
  await joining;
  assert.ok(count >= 250_000, `${count} people are too many`);
  await irc.closed;
  assert.ok(!events.kinds.includes('room'));
});

test('who is in a channel counts once, and no more when she or the user has left it', () => {
  const crowd = new Crowd();
  const people = new People('test', defaultFeatures);
  const one = new Channel(roomId('#one%test'), '#one', undefined, crowd);
  const two = new Channel(roomId('#two%test'), '#two', undefined, crowd);
  for (const channel of [one, two]) channel.addNames('@alice +bob carol bob', people);
  assert.equal(crowd.count, 6);
  one.remove('bob');
  one.remove('bob');
  assert.equal(crowd.count, 5);
  one.enter();
  assert.equal(crowd.count, 3);
  two.forget();
  two.forget();
  assert.equal(crowd.count, 0);
});
