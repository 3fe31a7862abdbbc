import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastOwners } from '../../../gateways/email/own-domain/last-owners.ts';
import type { Memory } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';

const DAY_MS = 86_400_000;

test('a name is free again when its last owner was away for half a year', async () => {
  let now = Date.UTC(2026, 0, 1);
  const kept: string[] = [];
  const { memory } = new RecordingHost();
  const watched: Memory = {
    get: (key) => memory.get(key),
    set: (key, value) => {
      kept.push(key, value);
      return memory.set(key, value);
    },
    delete: (key) => memory.delete(key),
  };
  const owners = new LastOwners(watched, () => now);
  assert.equal(await owners.isOthers('carol', 'bob@example.org'), false);
  await owners.note('carol', 'carol@example.org');
  now += 100 * DAY_MS;
  await owners.note('carol', 'carol@example.org');
  now += 179 * DAY_MS;
  assert.equal(await owners.isOthers('carol', 'bob@example.org'), true);
  assert.equal(await owners.isOthers('carol', 'carol@example.org'), false);
  now += DAY_MS;
  assert.equal(await owners.isOthers('carol', 'bob@example.org'), false);
  await owners.note('carol', 'bob@example.org');
  assert.equal(await owners.isOthers('carol', 'carol@example.org'), true);
  assert.equal(kept.length, 6);
  assert.doesNotMatch(kept.join(), /carol|bob/);
});
