import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelay } from '../../src/delivery/retry-delay.ts';

test('waits whole milliseconds, longer each time and not for all alike', () => {
  const delays = [1, 2, 3, 12].map((failures) => retryDelay(failures, undefined, () => 1 / 3));
  assert.deepEqual(delays, [1_667, 3_333, 6_667, 750_000]);
  assert.equal(
    retryDelay(1, undefined, () => 0.9),
    2_800,
  );
  assert.equal(
    retryDelay(1, 1_500.5, () => 1 / 3),
    1_551,
  );
});
