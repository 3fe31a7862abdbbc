import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { countBugs } from '../../src/cli/bugs.ts';

test('a bug that nobody caught is logged and counted, and ends nothing', () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const bugs = countBugs(
    log,
    () => assert.fail('it gave up'),
    () => 0,
  );
  bugs.uncaught(new Error('in a timer'));
  bugs.rejected(new Error('left alone'));
  assert.match(lines[0] ?? '', /in a timer.*"count":1/);
  assert.match(lines[1] ?? '', /left alone.*"count":2/);
});

test('gives up when bugs come without end, not when they come now and then', () => {
  let now = 0;
  let isOver = false;
  const giveUp = (): void => void (isOver = true);
  const bugs = countBugs(pino({ level: 'silent' }), giveUp, () => now);
  for (let count = 0; count < 500; count++) {
    now += 1_000;
    bugs.uncaught(new Error('now and then'));
  }
  assert.equal(isOver, false);
  for (let count = 0; count < 100; count++) bugs.uncaught(new Error('without end'));
  assert.ok(isOver);
});
