import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shelf } from '../../../gateways/sms/shelf.ts';
import { memoryOf } from '../../contract/recording-host.ts';

test('a shelf is written again after it could not be written once', async () => {
  const values = new Map<string, string>();
  const memory = memoryOf(values);
  let isFull = true;
  const set: typeof memory.set = (key, value) =>
    isFull ? Promise.reject(new Error('disk full')) : memory.set(key, value);
  const shelf = new Shelf({ ...memory, set }, 'things');
  await shelf.put('one', '1');
  await assert.rejects(shelf.flush(), /disk full/);
  isFull = false;
  await shelf.flush();
  assert.equal(await new Shelf(memory, 'things').get('one'), '1');
});
