import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';

const PLACE = { gateway: 'email.example.org', user: 'alice@example.org' };
const CHAT = 'contact bob';
const OLD = 1_000;
const YOUNG = 2_000;

describe('what has been over for long', () => {
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

  /** Half of what is old is over. */
  const fill = async (): Promise<void> => {
    const { inbox, outbox } = store;
    for (let index = 0; index < 300; index += 1) {
      const createdAt = index < 250 ? OLD : YOUNG;
      const isOver = index % 2 === 0;
      const row = { chat: CHAT, createdAt, content: '', stanzaId: `s${index}` };
      const told = { id: inbox.nextId(), name: `n${index}`, digest: '' };
      const said = { id: outbox.nextId(), key: `k${index}`, attempt: 0, dueAt: 0 };
      const state = isOver ? 'done' : 'new';
      void inbox.database.write([inbox.add(PLACE, { ...row, ...told, state })]);
      void outbox.add(PLACE, { ...row, ...said, origin: undefined, state: 'waiting' });
      if (isOver) {
        const done = { id: said.id, content: '' };
        void outbox.database.write(outbox.done(PLACE, done, [`n${index}`]));
      }
    }
    await inbox.database.write([]);
  };
  const count = async (table: string): Promise<unknown> =>
    (await store.inbox.database.read<object>(`SELECT count(*) AS number FROM ${table}`))[0];

  test('is forgotten in steps, and what is not over is not', async () => {
    await fill();
    for (const kept of [store.inbox, store.outbox]) {
      let at: number | undefined = 0;
      const steps: number[] = [];
      while (at !== undefined) {
        steps.push(at);
        at = await kept.sweep(YOUNG, at);
      }
      assert.deepEqual(steps, [0, 100, 200, 300]);
    }
    assert.deepEqual(await count('inbox'), { number: 175 });
    assert.deepEqual(await count('outbox'), { number: 175 });
    assert.deepEqual(await count('outbox_names'), { number: 25 });
    assert.equal((await store.outbox.byName(PLACE, CHAT, 'n250'))?.key, 'k250');
    assert.equal(await store.outbox.byName(PLACE, CHAT, 'n248'), undefined);
  });

  test('is not looked for among what is young', async (context) => {
    await fill();
    const write = context.mock.method(store.inbox.database, 'write');
    assert.equal(await store.inbox.sweep(OLD, 0), undefined);
    assert.equal(await store.outbox.sweep(OLD, 0), undefined);
    assert.equal(write.mock.callCount(), 0);
  });
});
