import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copy } from '../../src/cli/copy/copy.ts';
import { openStore } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';
import { ALICE, CONTENT, GATEWAY, NAMES, PLACE, ROOM, SAID } from './seeded.ts';

const SEED = fileURLToPath(new URL('seed.ts', import.meta.url));
const isSkipped = { skip: TestStore.isSqlite };

/** Configurations of one data folder, by the database of each. */
function configurations(
  context: TestContext,
  ...databases: readonly string[]
): { readonly data: string; readonly files: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-copy-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const data = join(folder, 'data');
  const gateway = { use: 'irc', domain: 'irc.localhost', secret: 'secret', options: {} };
  const files = databases.map((database, index) => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, JSON.stringify({ data, database, gateways: [gateway] }));
    return file;
  });
  return { data, files };
}

interface Seeded {
  readonly id: number;
  readonly stanzaId: string;
}

/** Fills a database, by another process: this one would have the file of SQLite open until it ends. */
async function seeded(data: string, database = 'sqlite'): Promise<Seeded> {
  const seed = ['--import', 'tsx', SEED, data, database];
  const { stdout } = await promisify(execFile)(process.execPath, seed);
  return JSON.parse(stdout) as Seeded;
}

/** A new database of PostgreSQL, in which there is nothing. */
async function emptied(context: TestContext): Promise<TestStore> {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  await testStore.ask('SELECT 1');
  return testStore;
}

async function mustHaveAll(
  { data, database }: { readonly data: string; readonly database: string },
  { id, stanzaId }: Seeded,
): Promise<void> {
  const store = await openStore({ data, database, env: {} });
  assert.equal((await store.registrations.users(GATEWAY)).length, 1_200);
  const users: string[] = [];
  for await (const { user } of store.registrations.all(GATEWAY)) users.push(user);
  assert.equal(new Set(users).size, 1_200);
  const name = NAMES[1_199 % NAMES.length] ?? '';
  const last = await store.registrations.find(GATEWAY, `${name}1199@localhost`);
  assert.deepEqual(last?.account, { count: 1_199 });
  assert.equal(await store.memory.of(GATEWAY, ALICE).get('cursor'), 'one');
  assert.equal(await store.accountKeys.userOf(GATEWAY, 'alice@example.org'), ALICE);
  const kept = await store.outbox.byName(PLACE, 'contact bob', 'a-first');
  assert.deepEqual([kept?.key, kept?.state, kept?.content], ['k1', 'done', CONTENT]);
  assert.deepEqual(await store.outbox.names(PLACE, { chat: 'contact bob', id }), [
    'second-in-the-alphabet',
    'a-first',
  ]);
  assert.equal(store.outbox.nextId(), id + 1);
  assert.equal((await store.archives.of(ROOM)?.find(stanzaId))?.nick, 'bob');
  const other = store.archives.of({ ...ROOM, room: '#b' });
  other?.add({ ...SAID, stanzaId: store.stanzaIds.next(), content: '<body>Anew</body>' });
  assert.equal((await other?.last(5))?.length, 1);
  assert.equal((await store.archives.of(ROOM)?.last(5))?.length, 1);
  await store.close();
}

test('everything is in the other database afterwards', isSkipped, async (context) => {
  const { database } = await emptied(context);
  const { data, files } = configurations(context, 'sqlite', database);
  const [from = '', to = ''] = files;
  const some = await seeded(data);
  assert.match(await copy(from, to, {}), /registrations: 1200\n/);
  await mustHaveAll({ data, database }, some);
});

test(
  'everything goes from one PostgreSQL to another, and back to SQLite',
  isSkipped,
  async (context) => {
    const [one, other] = [await emptied(context), await emptied(context)];
    const { data, files } = configurations(context, one.database, other.database, 'sqlite');
    const [first = '', second = '', third = ''] = files;
    const some = await seeded(data, one.database);
    await copy(first, second, {});
    await assert.rejects(copy(second, first, {}), /there is something in the database .* already/);
    await copy(second, third, {});
    await mustHaveAll({ data, database: 'sqlite' }, some);
    await mustHaveAll({ data, database: other.database }, some);
  },
);

test('a copy that was broken off can be made again', isSkipped, async (context) => {
  const [source, target] = [await emptied(context), await emptied(context)];
  const { data, files } = configurations(context, source.database, target.database);
  const [from = '', to = ''] = files;
  const some = await seeded(data, source.database);
  await (await openStore({ data, database: target.database, env: {} })).close();
  const release = await target.lock('media');
  const broken = assert.rejects(copy(from, to, {}));
  const blocked = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query LIKE '%media%'`;
  while ((await target.ask(blocked)).length === 0);
  await broken;
  await release();
  assert.deepEqual(await target.ask('SELECT 1 FROM registrations'), []);
  await copy(from, to, {});
  await mustHaveAll({ data, database: target.database }, some);
});

test('nothing is copied without a first start, onto itself, or while a gateway runs', async (context) => {
  const elsewhere = 'postgres://nobody@127.0.0.1:1/nothing';
  const { data, files } = configurations(context, 'sqlite', 'sqlite', elsewhere);
  const [from = '', same = '', to = ''] = files;
  await assert.rejects(copy(from, to, {}), /there is nothing to copy/);
  await assert.rejects(copy(from, same, {}), /name the same database/);
  await seeded(data);
  await assert.rejects(copy(from, to, {}), /the database nothing at 127.0.0.1:1 cannot be used/);
  const store = await openStore({ data, env: {} });
  await assert.rejects(copy(from, to, {}), /a gateway is running/);
  await store.close();
  const { files: others } = configurations(context, elsewhere);
  await assert.rejects(copy(from, others[0] ?? '', {}), /have to name the same data folder/);
});
