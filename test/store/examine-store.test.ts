import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Database from 'libsql';
import { examineStore } from '../../src/store/examine-store.ts';
import type { StoreState } from '../../src/store/examine-store.ts';
import { TestStore } from '../harness/test-store.ts';

const GATEWAY = 'email.localhost';

describe('what is found in the data folder', () => {
  let testStore: TestStore;
  let data: string;
  beforeEach(() => {
    testStore = new TestStore();
    ({ data } = testStore);
  });
  afterEach(() => testStore.remove());

  const examine = (env: NodeJS.ProcessEnv = {}): Promise<StoreState> =>
    examineStore({ data, database: testStore.database, env });

  test('is nothing before the first start, and nothing is made', async () => {
    const { isThere, isInUse, memoryOf } = await examine();
    assert.deepEqual([isThere, isInUse], [false, false]);
    assert.equal(await memoryOf(GATEWAY).get('dkim-key'), undefined);
    assert.ok(!existsSync(data));
  });

  test('is in use while a store is open, which notices nothing of being looked at', async () => {
    const store = await testStore.open();
    const memory = store.memory.of(GATEWAY, '');
    for (let count = 0; count < 100; count++) {
      const written = memory.set('dkim-key', `key ${count}`);
      const state = await examine();
      assert.deepEqual([state.isThere, state.isInUse], [true, true]);
      await written;
      assert.equal(await state.memoryOf(GATEWAY).get('dkim-key'), `key ${count}`);
    }
    assert.ok(store.isHealthy());
    await store.close();
  });

  test('cannot be changed by way of its memory', async () => {
    const store = await testStore.open();
    await store.memory.of(GATEWAY, '').set('dkim-key', 'one');
    const { memoryOf } = await examine();
    await memoryOf(GATEWAY).set('dkim-key', 'two');
    await memoryOf(GATEWAY).delete('dkim-key');
    assert.equal(await memoryOf(GATEWAY).get('dkim-key'), 'one');
    assert.equal(await memoryOf('other.localhost').get('dkim-key'), undefined);
    await store.close();
  });

  test('is told from what another key or a newer version has made', async () => {
    await (await testStore.open()).close();
    const another = { CAUSEWAY_KEY: Buffer.alloc(32, 1).toString('base64') };
    await assert.rejects(examine(another), /the key is not the one/);
    rmSync(join(data, 'key'));
    await assert.rejects(examine(), /the key file .* is missing/);
    assert.ok(!existsSync(join(data, 'key')), 'none is made in its place');
    const later = "INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-later', '')";
    if (TestStore.isSqlite) {
      const sqlite = new Database(join(data, 'causeway.sqlite'));
      sqlite.exec(later);
      sqlite.close();
    } else {
      await testStore.ask(later);
    }
    await assert.rejects(examine(another), /made by a newer version/);
  });

  test('is told from a file that is no database', { skip: !TestStore.isSqlite }, async () => {
    // What this process has had open it might not let go of in time.
    mkdirSync(data);
    writeFileSync(join(data, 'causeway.sqlite'), 'a letter to a friend, by mistake. '.repeat(100));
    const env = { CAUSEWAY_KEY: Buffer.alloc(32, 1).toString('base64') };
    await assert.rejects(examine(env), /the database .* cannot be read/);
  });
});
