import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Database from 'libsql';
import type { NewInboxRow } from '../../src/store/inbox.ts';
import type { NewOutboxRow } from '../../src/store/outbox.ts';
import type { Store } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';

const PLACE = { gateway: 'email.example.org', user: 'alice@example.org' };
const CHAT = 'contact bob';
/** Nothing that could be compressed. */
const long = (): string => randomBytes(3_000).toString('hex');
/** PostgreSQL took this, too, before names were cut short. */
const longer = (): string => randomBytes(500).toString('hex');

describe('what is named at greater length than an index takes', () => {
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

  const heard = (name: string): NewInboxRow => {
    const id = store.inbox.nextId();
    const texts = { digest: '', stanzaId: `s${id}`, content: 'Hello' };
    return { id, chat: CHAT, name, state: 'new', createdAt: 1, ...texts };
  };
  const said = (stanzaId: string): NewOutboxRow => {
    const row = { id: store.outbox.nextId(), key: 'k1', chat: CHAT, content: 'Hello' };
    return {
      ...row,
      attempt: 0,
      dueAt: 0,
      createdAt: 1,
      stanzaId,
      origin: undefined,
      state: 'waiting',
    };
  };

  test('is kept once, and found, when the network tells it', async () => {
    const name = long();
    const add = (): Promise<readonly number[]> =>
      store.inbox.database.write([store.inbox.add(PLACE, heard(name))]);
    assert.deepEqual(await add(), [1]);
    assert.deepEqual(await add(), [0]);
    assert.equal((await store.inbox.byName(PLACE, CHAT, name))?.content, 'Hello');
    assert.equal(await store.inbox.byName(PLACE, CHAT, long()), undefined);
  });

  test('is found, and has its whole name, when the network has taken it', async () => {
    const stanzaId = long();
    const names = [long(), 'short', long()];
    const row = said(stanzaId);
    await store.outbox.add(PLACE, row);
    await store.outbox.database.write(store.outbox.done(PLACE, row, names));
    for (const name of names) {
      assert.equal((await store.outbox.byName(PLACE, CHAT, name))?.key, 'k1');
    }
    assert.deepEqual(await store.outbox.names(PLACE, row), names);
    assert.equal((await store.outbox.byStanzaId(PLACE, CHAT, stanzaId))?.key, 'k1');
    assert.ok(store.isHealthy());
  });

  test('is found by the key of an account, which another user cannot have', async () => {
    const key = long();
    const { gateway, user } = PLACE;
    assert.equal(await store.accountKeys.save(gateway, user, [key, 'short']), undefined);
    assert.equal(await store.accountKeys.userOf(gateway, key), user);
    assert.equal(await store.accountKeys.save(gateway, 'bob@example.org', [key]), key);
  });

  test('is found, too, if it was there before names were cut short', async () => {
    const [told, taken, other] = [longer(), longer(), 'short'];
    const row = said('s');
    await store.outbox.add(PLACE, row);
    await store.inbox.database.write(
      ['told', 'other'].map((name) => store.inbox.add(PLACE, heard(name))),
    );
    await store.outbox.database.write(store.outbox.done(PLACE, row, ['taken', other]));
    await store.close();
    await change(`ALTER TABLE outbox_names DROP COLUMN whole;
      DELETE FROM kysely_migration WHERE name = '0011-long-names';
      UPDATE outbox_names SET name = '${taken}' WHERE name = 'taken';
      UPDATE inbox SET name = '${told}' WHERE name = 'told'`);
    store = await testStore.open();
    for (const name of [told, 'other']) {
      assert.equal((await store.inbox.byName(PLACE, CHAT, name))?.content, 'Hello');
    }
    assert.equal((await store.outbox.byName(PLACE, CHAT, taken))?.key, 'k1');
    assert.deepEqual(await store.outbox.names(PLACE, row), [taken, other]);
  });

  const change = async (statements: string): Promise<void> => {
    if (!TestStore.isSqlite) return void (await testStore.ask(statements));
    const database = new Database(join(testStore.data, 'causeway.sqlite'));
    database.exec(statements);
    database.close();
  };
});
