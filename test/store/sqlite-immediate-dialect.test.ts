import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Kysely } from 'kysely';
import Database from 'libsql';
import { ImmediateDialect } from '../../src/store/sqlite/immediate-dialect.ts';

test('a transaction that has read may write, whoever wants to write meanwhile', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'test.sqlite');
  const database = new Database(file);
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE names (name TEXT)');
  const other = new Database(file);
  other.exec('PRAGMA busy_timeout = 0');
  const db = new Kysely<{ names: { name: string } }>({
    dialect: new ImmediateDialect({ database }),
  });
  await db.transaction().execute(async (transaction) => {
    assert.deepEqual(await transaction.selectFrom('names').selectAll().execute(), []);
    assert.throws(() => other.exec("INSERT INTO names VALUES ('other')"), /locked/);
    await transaction.insertInto('names').values({ name: 'first' }).execute();
  });
  other.exec("INSERT INTO names VALUES ('other')");
  assert.deepEqual(
    (await db.selectFrom('names').selectAll().execute()).map(({ name }) => name),
    ['first', 'other'],
  );
  other.close();
  await db.destroy();
});
