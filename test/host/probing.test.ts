import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Probing } from '../../src/host/probing.ts';
import { Attachment } from '../../src/session/attachment.ts';

const USERS = Array.from({ length: 42 }, (_, index) => `user${index}@localhost`);

test('all users are asked a few at a time, once; who is silent for half a minute is told of, who answers is not', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let now = 0;
  const asked: string[] = [];
  const silent: string[] = [];
  const attachment = new Attachment();
  const probing = new Probing({
    attachment,
    users: () => Promise.resolve(USERS),
    probe: (user) => asked.push(user),
    silent: (user) => silent.push(user),
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
  assert.equal(silent.length, 0);
  pass(10_000);
  assert.equal(silent.length, USERS.length - 1 - Number(asked.indexOf('user7@localhost') < 5));
  assert.ok(!silent.includes('user9@localhost'));
  assert.equal(new Set(silent).size, silent.length);
});

test('a stream that is lost ends the asking', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked: string[] = [];
  const probing = new Probing({
    attachment: new Attachment(),
    users: () => Promise.resolve(USERS),
    probe: (user) => asked.push(user),
    silent: () => assert.fail('nobody was waited for'),
    now: () => 0,
    random: () => 0.5,
  });
  const started = probing.start();
  probing.stop();
  await started;
  mock.timers.tick(60_000);
  assert.deepEqual(asked, []);
});
