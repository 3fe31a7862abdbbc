import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Probing } from '../../src/host/probing.ts';
import { Attachment } from '../../src/session/attachment.ts';

const USERS = Array.from({ length: 42 }, (_, index) => `user${index}@localhost`);

test('all users are asked a few at a time, once; half a minute later each has had her time, once', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let now = 0;
  const asked: string[] = [];
  const settled: string[] = [];
  const attachment = new Attachment();
  const probing = new Probing({
    attachment,
    users: () => Promise.resolve(USERS),
    probe: (user) => asked.push(user),
    settled: (user) => settled.push(user),
    now: () => now,
    random: () => 0.5,
  });
  const pass = (durationMs: number): void => {
    for (let passed = 0; passed < durationMs; passed += 250) {
      now += 250;
      mock.timers.tick(250);
    }
  };
  attachment.begin();
  await probing.start();
  assert.ok(attachment.isAwaited('user7@localhost'), 'her first sign is yet to come');
  pass(250);
  assert.equal(asked.length, 5);
  attachment.answered('user7@localhost');
  pass(2_500);
  assert.deepEqual([...asked].sort(), [...USERS].sort());
  assert.notDeepEqual(asked, USERS);
  attachment.answered('user9@localhost');
  assert.ok(!attachment.isAwaited('user9@localhost'));
  assert.ok(!attachment.isAwaited('stranger@localhost'));
  pass(25_000);
  assert.equal(settled.length, 0);
  pass(10_000);
  assert.ok(!attachment.isAwaited('user8@localhost'), 'silence is an answer');
  assert.deepEqual(settled, asked);
});

test('a stream that is lost ends the asking', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked: string[] = [];
  const probing = new Probing({
    attachment: new Attachment(),
    users: () => Promise.resolve(USERS),
    probe: (user) => asked.push(user),
    settled: () => assert.fail('nobody was waited for'),
    now: () => 0,
    random: () => 0.5,
  });
  const started = probing.start();
  probing.stop();
  await started;
  mock.timers.tick(60_000);
  assert.deepEqual(asked, []);
});
