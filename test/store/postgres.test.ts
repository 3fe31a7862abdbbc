import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { archiveSql } from '../../src/store/archive-reader.ts';
import { WITHIN } from '../../src/store/postgres/archive.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';

const PLACE = { gateway: 'irc.example.org', user: 'alice@example.org' };
const ROOM = { ...PLACE, room: '#a' };
const OURS =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'causeway %";

describe('a store in PostgreSQL', { skip: TestStore.isSqlite }, () => {
  let testStore: TestStore;
  let store: Store;
  beforeEach(async () => {
    testStore = new TestStore();
    store = await testStore.open();
  });
  afterEach(async () => {
    await store.close();
    await testStore.remove();
  });

  const say = (text: string, at: number): void =>
    store.archives.of(ROOM)?.add({
      stanzaId: store.stanzaIds.next(),
      at,
      nick: 'bob',
      occupantId: 'o',
      messageId: 'm',
      networkId: '',
      content: text,
    });

  test('archives all but a row that the database does not take', async () => {
    say('before', 1);
    say('never', 1e30);
    say('after', 1);
    const room = store.archives.of(ROOM);
    assert.deepEqual(
      (await room?.last(5))?.map(({ content }) => content),
      ['before', 'after'],
    );
  });

  test('goes on when a connection is lost in the middle of something', async () => {
    await store.settings.save({ ...PLACE, name: 'one' }, '1');
    const reading = store.settings.list(PLACE.gateway, PLACE.user);
    await testStore.ask(`${OURS} records'`);
    await reading.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const settings = await store.settings.list(PLACE.gateway, PLACE.user);
    assert.equal(settings.get('one'), '1');
  });

  test('finds messages while a read of the archive takes its time', async () => {
    say('before', 1);
    await store.archives.of(ROOM)?.last(5);
    const release = await testStore.lock('archived');
    try {
      const reading = store.archives.of(ROOM)?.last(5);
      while ((await testStore.ask('SELECT 1 FROM pg_locks WHERE NOT granted')).length === 0);
      assert.equal(await store.outbox.byKey(PLACE, 'k1'), undefined);
      await release();
      assert.equal((await reading)?.length, 1);
    } finally {
      await release();
    }
  });

  test('looks at no rows of other archives, however many of all are in one', async () => {
    await testStore.ask(`INSERT INTO archived
      SELECT n, CASE n % 2 WHEN 0 THEN 1 ELSE n % 97 + 2 END, 1, '', '', '', '', '', repeat('x', 100)
        FROM generate_series(1, 20000) AS n`);
    await testStore.ask('ANALYZE archived');
    const { backwards, edgeBackwards } = archiveSql({ within: WITHIN });
    for (const text of [backwards, edgeBackwards]) {
      const values = [1, 0, 1, 1e15, 0, 1e15, 'NULL', 'NULL', 'NULL', 'NULL', 50];
      if (text === edgeBackwards) values.splice(4, 6);
      const plan = await testStore.ask(
        `EXPLAIN ${text.replaceAll('?', () => String(values.shift()))}`,
      );
      assert.match(JSON.stringify(plan), /Scan Backward using archived_order/);
    }
  });

  test('is not opened where its schema is not there, and the reason is said', async () => {
    const url = new URL(testStore.database);
    url.searchParams.set('options', '-c search_path=nowhere');
    const opening = openStore({ data: testStore.data, database: url.href, env: {} });
    await assert.rejects(opening, /the schema that its search path names is not there/);
  });
});
