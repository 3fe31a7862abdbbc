import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { ARCHIVE_COLUMNS } from '../../src/store/archive-database.ts';
import type { ArchiveBatch, ArchiveDatabase } from '../../src/store/archive-database.ts';
import { ArchiveIds } from '../../src/store/archive-ids.ts';
import { Archives } from '../../src/store/archive.ts';

const PLACE = { gateway: 'irc.example.org', user: 'alice@example.org', room: '#a%s' };
const COLUMNS = ARCHIVE_COLUMNS.length;

/** A database that takes its time: each batch until the test says so. */
class SlowDatabase implements ArchiveDatabase {
  readonly isOpen = true;
  readonly sliceRows = 1_000;
  readonly within = '';
  readonly batches: number[] = [];
  readonly contents: unknown[] = [];
  #pending: { resolve(): void; reject(error: Error): void; batch: ArchiveBatch } | undefined;

  write(batch: ArchiveBatch): Promise<void> {
    assert.equal(this.#pending, undefined, 'one batch at a time');
    this.batches.push(batch.values.length / COLUMNS);
    return new Promise((resolve, reject) => (this.#pending = { resolve, reject, batch }));
  }

  async settle(error?: Error): Promise<void> {
    const pending = this.#pending;
    assert.ok(pending);
    this.#pending = undefined;
    if (error === undefined) {
      this.contents.push(...pending.batch.values.filter((_, at) => at % COLUMNS === COLUMNS - 1));
      pending.resolve();
    } else {
      pending.reject(error);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  read = <Row>(): Promise<Row[]> => Promise.resolve([]);
  run = (): Promise<number> => Promise.resolve(0);
  close = (): Promise<void> => Promise.resolve();
}

interface Opened {
  readonly database: SlowDatabase;
  readonly archives: Archives;
  readonly say: (count: number) => void;
}

function opened(): Opened {
  const database = new SlowDatabase();
  const log = pino({ level: 'silent' });
  const archives = new Archives({ database, log, now: Date.now, isOn: true, keepDays: 30 });
  const ids = new ArchiveIds(0, Date.now);
  const room = archives.of(PLACE);
  assert.ok(room);
  let said = 0;
  const row = { at: 0, nick: 'bob', occupantId: '', messageId: '', networkId: '' };
  const say = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      said += 1;
      room.add({ ...row, stanzaId: ids.next(), content: String(said) });
    }
  };
  return { database, archives, say };
}

test('those who bring more are held up while thousands of rows wait for a slow database', async () => {
  const { database, archives, say } = opened();
  const congestion = (): Promise<void> | undefined => archives.congestion;
  say(1_000);
  assert.deepEqual(database.batches, [1_000]);
  say(4_000);
  assert.equal(congestion(), undefined, 'it is on its way');
  say(1);
  const held = congestion();
  assert.ok(held);
  await database.settle();
  await held;
  assert.equal(congestion(), undefined);
  say(1);
  assert.deepEqual(database.batches, [1_000, 4_002]);
  await database.settle();
  await archives.close();
});

test('what came while a batch was being written follows it, and one that failed comes first again', async () => {
  const { database, archives, say } = opened();
  say(1_000);
  say(10);
  await database.settle(new Error('gone'));
  assert.equal(archives.congestion, undefined);
  const flushed = archives.flush();
  assert.deepEqual(database.batches, [1_000, 1_010]);
  await database.settle();
  await flushed;
  assert.deepEqual(
    database.contents,
    Array.from({ length: 1_010 }, (_, index) => String(index + 1)),
  );
  await archives.close();
});
