import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveIds, markOf, numberOf, stanzaIdOf } from '../../src/store/archive-ids.ts';

test('numbers rise whatever the clock does, and are written as they are read', () => {
  let now = 1_764_500_000_000;
  const ids = new ArchiveIds(0, () => now);
  let last = 0;
  for (let index = 0; index < 20_000; index++) {
    // Over the border of what four digits hold, and now and then back.
    now += index % 50 === 0 ? -3 : 2;
    const id = ids.next();
    const number = numberOf(id) ?? 0;
    assert.ok(number > last);
    assert.equal(stanzaIdOf(number, markOf(id)), id);
    last = number;
  }
});

test('small numbers are written without zeros before them', () => {
  const ids = new ArchiveIds(35, () => 0);
  assert.deepEqual([ids.next().slice(8), ids.next().slice(8)], ['10', '11']);
});
