import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marks } from '../../src/session/marks.ts';

test('a mark moves forward only, also from what was said before a restart', () => {
  const marks = new Marks();
  // Messages of another life of the process have orders below zero.
  assert.equal(marks.move('romeo', -200), true);
  assert.equal(marks.move('romeo', -200), false);
  assert.equal(marks.move('romeo', -300), false);
  assert.equal(marks.move('romeo', 1), true);
  assert.equal(marks.move('romeo', -100), false);
  assert.equal(marks.move('juliet', -300), true);
});
