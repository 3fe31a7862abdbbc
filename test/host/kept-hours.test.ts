import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptHours } from '../../src/host/kept-hours.ts';
import type { Gateway } from '../../src/plugin/index.ts';

const archive = { rooms: true, keepDays: 2 };
const config = {
  archive,
  delivery: { expireHours: 100, keepDays: 3 },
  media: { keepDays: 4 },
};
const rooms: Pick<Gateway, 'delivery' | 'features'> = { delivery: 'live', features: ['join'] };
const mail: Pick<Gateway, 'delivery' | 'features'> = { delivery: 'stored', features: [] };

test('what is said in rooms is kept as long as their archive, and without one not at all', () => {
  assert.equal(keptHours(config, rooms), 48);
  assert.equal(keptHours({ ...config, archive: { ...archive, keepDays: 0 } }, rooms), Infinity);
  assert.equal(keptHours({ ...config, archive: { ...archive, rooms: false } }, rooms), 0);
});

test('what is stored on its way is kept as long as the longest of messages and files', () => {
  assert.equal(keptHours(config, mail), 100);
  assert.equal(keptHours({ ...config, media: { keepDays: 30 } }, mail), 720);
});
