import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Throttle } from '../../../gateways/irc/throttle.ts';
import type { Queued } from '../../../gateways/irc/throttle.ts';

function queued(lane: string, lines: string[], write: (line: string) => void): Queued {
  return {
    lane,
    get left() {
      return lines.length;
    },
    writeNext: () => write(lines.shift() ?? ''),
  };
}

test('lets a burst out at once, then so many a second, and loses nothing', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const throttle = new Throttle({ burst: 3, perSecond: 1 }, 100);
  const written: string[] = [];
  const lines = Array.from({ length: 8 }, (_, index) => `line ${index}`);
  throttle.add(queued('a', [...lines], (line) => written.push(line)));
  assert.equal(written.length, 3);
  context.mock.timers.tick(1_000);
  assert.equal(written.length, 4);
  for (let second = 0; second < 4; second++) context.mock.timers.tick(1_000);
  assert.deepEqual(written, lines);
  assert.deepEqual(throttle.clear(), []);
});

test('lets a word into another channel pass a long paste, and a command both', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const throttle = new Throttle({ burst: 1, perSecond: 1 }, 100);
  const written: string[] = [];
  const add = (lane: string, ...lines: string[]): void =>
    throttle.add(queued(lane, lines, (line) => written.push(line)));
  add('#a', 'a1', 'a2', 'a3');
  add('#b', 'b1');
  add('', 'JOIN');
  for (let second = 0; second < 5; second++) context.mock.timers.tick(1_000);
  assert.deepEqual(written, ['a1', 'JOIN', 'a2', 'b1', 'a3']);
});

test('gives back what was not written when the connection goes', () => {
  const throttle = new Throttle({ burst: 1, perSecond: 1 }, 100);
  throttle.add(queued('a', ['1', '2', '3'], () => undefined));
  assert.equal(throttle.clear()[0]?.left, 2);
  assert.ok(throttle.hasRoomFor(100));
  assert.ok(!throttle.hasRoomFor(101));
});
