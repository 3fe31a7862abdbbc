import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { copy } from '../../src/cli/copy/copy.ts';
import { copyDatabase } from '../../src/store/copy-database.ts';
import { closeDatabases, openDatabases, openStore } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';
import { ALICE, CONTENT, GATEWAY, PLACE, ROOM, SAID } from './seeded.ts';

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

/** Fills a database of SQLite, by another process: this one would have the file open until it ends. */
async function seeded(data: string): Promise<{ readonly id: number; readonly stanzaId: string }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', SEED, data]);
  return JSON.parse(stdout) as { readonly id: number; readonly stanzaId: string };
}

test('everything is in the other database afterwards', isSkipped, async (context) => {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  await testStore.ask('SELECT 1');
  const { data, files } = configurations(context, 'sqlite', testStore.database);
  const [from = '', to = ''] = files;
  const { id, stanzaId } = await seeded(data);

  assert.match(await copy(from, to, {}), /registrations: 1200\n/);
  const store = await openStore({ data, database: testStore.database, env: {} });
  assert.equal((await store.registrations.users(GATEWAY)).length, 1_200);
  const last = await store.registrations.find(GATEWAY, 'user1199@localhost');
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
  const log = pino({ level: 'silent' });
  const source = await openDatabases(data, 'sqlite', log);
  const target = await openDatabases(data, testStore.database, log);
  await assert.rejects(
    copyDatabase(source, target),
    /there is something in the database .* already/,
  );
  await closeDatabases(source);
  await closeDatabases(target);
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
