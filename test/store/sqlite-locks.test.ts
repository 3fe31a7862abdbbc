import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'libsql';
import { DATABASE_FILE, openSqlite } from '../../src/store/sqlite/open.ts';

test('what the archive cannot write while another connection does keeps no lock afterwards', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-locks-'));
  const databases = await openSqlite(folder);
  const other = new Database(join(folder, DATABASE_FILE));
  const writes = (): void => void other.exec('BEGIN IMMEDIATE; ROLLBACK');
  const { archive } = databases;
  const remove = { text: 'DELETE FROM archives WHERE id = ?', values: [1] };
  const place = { gateway: 'irc.example.org', user: 'alice@example.org', room: '#a%s' };
  try {
    other.exec('PRAGMA busy_timeout = 0');
    const row = [1, { place, id: undefined }, 1, '', 'romeo', '', '', '', 'Hello'];
    for (const attempt of [
      () => archive.run(remove),
      async () => archive.write({ values: row, lags: new Map(), isNumbered: false }),
    ]) {
      other.exec('BEGIN IMMEDIATE');
      await assert.rejects(attempt(), /locked/);
      other.exec('COMMIT');
      await archive.run({ text: 'UPDATE archives SET lag = 0 WHERE id = ?', values: [2] });
      assert.doesNotThrow(writes);
    }
    other.exec('BEGIN IMMEDIATE');
    const removing = archive.run(remove);
    other.exec('COMMIT');
    assert.equal(await removing, 0);
  } finally {
    other.close();
    archive.close();
    databases.messages.close();
    await databases.records.destroy();
    rmSync(folder, { recursive: true });
  }
});
