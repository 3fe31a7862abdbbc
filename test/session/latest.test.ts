import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latest } from '../../src/session/latest.ts';

test('forgets from its beginning, and finds what is left, the latest first', () => {
  const latest = new Latest<{ readonly name: string; readonly at: number }>();
  const items = Array.from({ length: 20 }, (_, at) => ({
    name: at % 2 === 0 ? 'even' : 'odd',
    at,
  }));
  for (const item of items) latest.add(item);
  for (let count = 0; count < 15; count++) latest.dropOldest();
  assert.equal(latest.size, 5);
  assert.equal(latest.oldest, items[15]);
  assert.equal(
    latest.findLast(({ name }) => name === 'even'),
    items[18],
  );
  assert.equal(
    latest.findLast(({ at }) => at < 15),
    undefined,
  );
  assert.deepEqual(latest.all(), items.slice(15));
});

test('lets go of one in the middle, once, and of none that it has forgotten', () => {
  const latest = new Latest<string>();
  for (const item of ['a', 'b', 'c', 'd']) latest.add(item);
  latest.dropOldest();
  assert.equal(latest.remove('c'), true);
  assert.equal(latest.remove('c'), false);
  assert.equal(latest.remove('a'), false);
  assert.deepEqual(latest.all(), ['b', 'd']);
  latest.dropOldest();
  latest.dropOldest();
  assert.equal(latest.size, 0);
  assert.equal(latest.oldest, undefined);
});
