import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle } from '../../../gateways/irc/throttle.ts';

test('lets a burst out at once, then so many a second, and loses nothing', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const throttle = new Throttle({ burst: 3, perSecond: 1 }, 100);
  const written: string[] = [];
  const lines = Array.from({ length: 8 }, (_, index) => `line ${index}`);
  throttle.add({ lane: 'a', lines: [...lines], queuedAt: 0, write: (line) => written.push(line) });
  assert.equal(written.length, 3);
  context.mock.timers.tick(1_000);
  assert.equal(written.length, 4);
  for (let second = 0; second < 4; second++) context.mock.timers.tick(1_000);
  assert.deepEqual(written, lines);
  assert.equal(throttle.size, 0);
});

test('lets a word into another channel pass a long paste, and a command both', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const throttle = new Throttle({ burst: 1, perSecond: 1 }, 100);
  const written: string[] = [];
  const add = (lane: string, ...lines: string[]): void =>
    throttle.add({ lane, lines, queuedAt: 0, write: (line) => written.push(line) });
  add('#a', 'a1', 'a2', 'a3');
  add('#b', 'b1');
  add('', 'JOIN');
  for (let second = 0; second < 5; second++) context.mock.timers.tick(1_000);
  assert.deepEqual(written, ['a1', 'JOIN', 'a2', 'b1', 'a3']);
});

test('gives back what was not written when the connection goes', () => {
  const throttle = new Throttle({ burst: 1, perSecond: 1 }, 100);
  const write = (): void => undefined;
  throttle.add({ lane: 'a', lines: ['1', '2', '3'], queuedAt: 0, write });
  assert.deepEqual(throttle.clear()[0]?.lines, ['2', '3']);
  assert.ok(throttle.hasRoomFor(100));
  assert.ok(!throttle.hasRoomFor(101));
});
