import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Database from 'libsql';
import { pino } from 'pino';
import { ArchiveIds, numberOf } from '../../src/store/archive-ids.ts';
import { archiveSql } from '../../src/store/archive-reader.ts';
import type { RoomArchive } from '../../src/store/room-archive.ts';
import { WITHIN } from '../../src/store/sqlite/archive.ts';
import type { Store } from '../../src/store/store.ts';
import { TestStore } from '../harness/test-store.ts';

const PLACE = { gateway: 'irc.example.org', user: 'alice@example.org', room: '#a%s' };
const DAY_MS = 86_400_000;

describe('the archive of rooms', () => {
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

  function archive(place: Partial<typeof PLACE> = {}): RoomArchive {
    const found = store.archives.of({ ...PLACE, ...place });
    assert.ok(found);
    return found;
  }

  /** Says something; answers its stanza id. */
  function say(
    room: RoomArchive,
    text: string,
    more: { readonly nick?: string; readonly at?: number; readonly networkId?: string } = {},
  ): string {
    const { nick = 'bob', at = Date.now(), networkId = '' } = more;
    const stanzaId = store.stanzaIds.next();
    room.add({
      stanzaId,
      at,
      nick,
      occupantId: `id-of-${nick}`,
      messageId: `m-${text}`,
      networkId,
      content: `<body>${text}</body>`,
    });
    return stanzaId;
  }

  /** Of all archives, with those that were taken away. */
  async function rowCount(): Promise<number> {
    const count = 'SELECT count(*) AS number FROM archived';
    if (!TestStore.isSqlite)
      return Number(Object.values(Object((await testStore.ask(count))[0]))[0]);
    const sqlite = new Database(join(testStore.data, 'causeway.sqlite'), { readonly: true });
    const row = sqlite.prepare(count).get();
    sqlite.close();
    return Number(Reflect.get(Object(row), 'number'));
  }

  const texts = (messages: readonly { readonly content: string }[]): string[] =>
    messages.map(({ content }) => content.replaceAll(/<.*?>/g, ''));

  test('gives back what was said, word for word, also right after it was said and after a restart', async () => {
    const stanzaId = say(archive(), 'hello', { networkId: 'n1', at: 1_000 });
    const row = {
      stanzaId,
      at: 1_000,
      nick: 'bob',
      occupantId: 'id-of-bob',
      messageId: 'm-hello',
      networkId: 'n1',
      content: '<body>hello</body>',
    };
    assert.deepEqual(await archive().find(stanzaId), row);
    assert.deepEqual(await archive().findByNetworkId('n1'), row);
    await store.close();
    store = await testStore.open();
    assert.deepEqual(await archive().last(10), [row]);
  });

  test('is one for each gateway, user and room', async () => {
    const stanzaId = say(archive(), 'mine');
    for (const other of [{ gateway: 'x' }, { user: 'bob@example.org' }, { room: '#b%s' }]) {
      assert.equal(await archive(other).find(stanzaId), undefined);
      assert.deepEqual(await archive(other).last(10), []);
      assert.equal(await archive(other).ends(), undefined);
    }
  });

  test('numbers rise across restarts even when the clock goes back', async () => {
    const before = say(archive(), 'one');
    await store.close();
    store = await testStore.open();
    assert.ok((numberOf(say(archive(), 'two')) ?? 0) > (numberOf(before) ?? 0));
    const ids = new ArchiveIds(5_000_000, () => 1_000);
    assert.deepEqual([ids.next(), ids.next()].map(numberOf), [5_000_001, 5_000_002]);
  });

  test('pages in order, from both ends, and says when a page has all that matches', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => say(archive(), String(index)));
    const page = (query: object) => archive().page({ max: 3, ...query });
    const first = await page({});
    assert.deepEqual([texts(first.messages), first.isComplete], [['0', '1', '2'], false]);
    const last = await page({ fromEnd: true });
    assert.deepEqual([texts(last.messages), last.isComplete], [['7', '8', '9'], false]);
    assert.deepEqual(texts((await page({ after: ids[2] })).messages), ['3', '4', '5']);
    assert.deepEqual(texts((await page({ before: ids[2] })).messages), ['0', '1']);
    const middle = await page({ before: ids[7], fromEnd: true });
    assert.deepEqual(texts(middle.messages), ['4', '5', '6']);
    const between = await page({ after: ids[6], before: ids[8] });
    assert.deepEqual([texts(between.messages), between.isComplete], [['7'], true]);
    assert.equal((await page({ after: ids[6] })).isComplete, true);
  });

  test('finds by time what was said then, though it arrived later', async () => {
    const now = Date.now();
    say(archive(), 'old news', { at: now - DAY_MS });
    say(archive(), 'news', { at: now });
    const yesterday = { from: now - DAY_MS - 1_000, until: now - DAY_MS + 1_000, max: 5 };
    assert.deepEqual(texts((await archive().page(yesterday)).messages), ['old news']);
    const today = { from: now - 1_000, max: 5 };
    assert.deepEqual(texts((await archive().page(today)).messages), ['news']);
  });

  test('finds the few messages of one author among very many', async () => {
    say(archive(), 'first', { nick: 'rare' });
    for (let index = 0; index < 5_000; index++) say(archive(), 'x');
    say(archive(), 'middle', { nick: 'rare' });
    for (let index = 0; index < 2_000; index++) say(archive(), 'x');
    say(archive(), 'last', { nick: 'rare' });
    const all = await archive().page({ nick: 'rare', max: 10 });
    assert.deepEqual([texts(all.messages), all.isComplete], [['first', 'middle', 'last'], true]);
    const two = await archive().page({ occupantId: 'id-of-rare', max: 2, fromEnd: true });
    assert.deepEqual([texts(two.messages), two.isComplete], [['middle', 'last'], false]);
    assert.equal(await archive().count({}, 100_000), 7_003);
    assert.equal(await archive().count({}, 50), 50);
  });

  test('looks at no more rows than it was asked for', { skip: !TestStore.isSqlite }, async () => {
    say(archive(), 'x');
    await store.archives.flush();
    const sqlite = new Database(join(testStore.data, 'causeway.sqlite'));
    for (const [name, text] of Object.entries(archiveSql({ within: WITHIN }))) {
      const values = Array<null>(text.split('?').length - 1).fill(null);
      const plan = JSON.stringify(sqlite.prepare(`EXPLAIN QUERY PLAN ${text}`).all(values));
      assert.match(plan, /SEARCH archived USING/, name);
      assert.doesNotMatch(plan, /SCAN archived|TEMP B-TREE/, name);
      if (name !== 'byId')
        assert.match(plan, /archived_order \(archive=\? AND rowid>\? AND rowid<\?\)/);
    }
    sqlite.close();
  });

  test('puts other content in the place of a message that was taken back', async () => {
    const stanzaId = say(archive(), 'secret');
    assert.equal(await archive().rewrite(stanzaId, '<gone/>'), true);
    assert.equal((await archive().find(stanzaId))?.content, '<gone/>');
    assert.equal(await archive().rewrite('xxxxxxxx1', ''), false);
    assert.equal(await archive().rewrite('%', ''), false);
  });

  test('loses all of a user who unregisters, and nothing of others', async () => {
    const ids = Array.from({ length: 700 }, () => say(archive(), 'mine'));
    say(archive({ user: 'bob@example.org' }), 'his');
    await store.archives.removeUser(PLACE.gateway, PLACE.user);
    assert.equal(await archive().find(ids[0] ?? ''), undefined);
    assert.deepEqual(await archive().last(5), []);
    say(archive(), 'anew');
    assert.deepEqual(texts(await archive().last(5)), ['anew']);
    assert.deepEqual(texts(await archive({ user: 'bob@example.org' }).last(5)), ['his']);
    // The rest goes in slices.
    for (let turn = 0; turn < 5 && (await rowCount()) !== 2; turn++) await store.archives.prune();
    assert.equal(await rowCount(), 2);
  });

  test('lets go of what is older than it is to be kept, oldest first', async () => {
    let now = Date.now();
    const log = pino({ level: 'silent' });
    await store.close();
    store = await testStore.open({ now: () => now, log, archive: { rooms: true, keepDays: 2 } });
    for (let index = 0; index < 600; index++) say(archive(), 'old');
    await store.archives.flush();
    now += 2 * DAY_MS + 1_000;
    await store.archives.prune();
    assert.equal(await archive().count({}, 1_000), 100);
    await store.archives.prune();
    assert.equal(await archive().count({}, 1_000), 0);
  });

  test(
    'waits while another connection writes, and loses nothing',
    { skip: !TestStore.isSqlite },
    async () => {
      const other = new Database(join(testStore.data, 'causeway.sqlite'));
      other.exec('BEGIN IMMEDIATE');
      const stanzaId = say(archive(), 'patience');
      assert.equal(await archive().find(stanzaId), undefined);
      other.exec('COMMIT');
      other.close();
      assert.equal((await archive().find(stanzaId))?.nick, 'bob');
    },
  );

  test('keeps nothing when it is switched off', async () => {
    await store.close();
    store = await testStore.open({ archive: { rooms: false, keepDays: 30 } });
    assert.equal(store.archives.of(PLACE), undefined);
    assert.equal(typeof store.stanzaIds.next(), 'string');
  });
});
