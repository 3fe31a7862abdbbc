import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestStore } from '../harness/test-store.ts';

test('keeps what a gateway notes for a user, encrypted and apart from that of others', async (context) => {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  const first = await testStore.open();
  const alice = first.memory.of('irc.example.org', 'alice@example.org');
  await alice.set('cursor', 'one');
  await alice.set('cursor', 'a-secret-cursor');
  await alice.set('other', 'x');
  await alice.delete('other');
  await first.close();

  const second = await testStore.open();
  const again = second.memory.of('irc.example.org', 'alice@example.org');
  assert.equal(await again.get('cursor'), 'a-secret-cursor');
  assert.equal(await again.get('other'), undefined);
  const bob = second.memory.of('irc.example.org', 'bob@example.org');
  assert.equal(await bob.get('cursor'), undefined);
  await assert.rejects(again.set('cursor', 'x'.repeat(65_537)), RangeError);
  await second.memory.removeAll('irc.example.org', 'alice@example.org');
  assert.equal(await again.get('cursor'), undefined);
  await second.close();
  if (!TestStore.isSqlite) {
    const third = await testStore.open();
    const odd = third.memory.of('irc.example.org', 'alice@example.org');
    await odd.set('no\0sign', 'kept');
    assert.equal(await odd.get('no\0sign'), 'kept');
    return third.close();
  }
  const file = readFileSync(join(testStore.data, 'causeway.sqlite'));
  assert.equal(file.includes('a-secret-cursor'), false);
});
