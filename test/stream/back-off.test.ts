import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from '../../src/stream/back-off.ts';

test('C11: a server that restarts is tried again at least every 20 s in the first minutes', () => {
  const backOff = new BackOff(() => 1);
  let now = 0;
  let longest = 0;
  while (now < 300_000) {
    const delay = backOff.next(now, false, undefined);
    longest = Math.max(longest, delay);
    now += delay;
  }
  assert.equal(longest, 20_000);
  for (let i = 0; i < 10; i++) now += backOff.next(now, false, undefined);
  assert.equal(backOff.next(now, false, undefined), 300_000);
});

test('C11: starts at one second, and anew after a minute of stability', () => {
  const backOff = new BackOff(() => 1);
  assert.equal(backOff.next(0, false, undefined), 1_000);
  assert.equal(backOff.next(0, false, undefined), 2_000);
  assert.equal(backOff.next(0, false, 59_000), 4_000);
  assert.equal(backOff.next(0, false, 60_000), 1_000);
});

test('C02, C07: waits a minute and more when the configuration is wrong', () => {
  const backOff = new BackOff(() => 1);
  assert.equal(backOff.next(0, true, undefined), 60_000);
  assert.equal(backOff.next(0, true, undefined), 120_000);
});
