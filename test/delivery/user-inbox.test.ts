import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Database from 'libsql';
import { pino } from 'pino';
import { Barrier } from '../../src/delivery/barrier.ts';
import { UserInbox } from '../../src/delivery/user-inbox.ts';
import type { InboxOptions } from '../../src/delivery/user-inbox.ts';
import { contactId, messageId } from '../../src/plugin/index.ts';
import type { Store } from '../../src/store/store.ts';
import { xml } from '../../src/xml/element.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { TestStore } from '../harness/test-store.ts';

const PLACE = { gateway: 'sms.localhost', user: 'alice@localhost' };
const CHAT = 'contact romeo';

describe('the inbox of a user', () => {
  let testStore: TestStore;
  let store: Store;
  let clock: FakeClock;
  let written: XmlElement[];
  let stanzas: InboxOptions['events']['stanzas'];
  let isAccepted: boolean;
  beforeEach(async () => {
    testStore = new TestStore();
    store = await testStore.open();
    clock = new FakeClock();
    written = [];
    stanzas = (_, nextId) => [xml('message', 'jabber:client', { id: nextId() })];
    isAccepted = true;
  });
  afterEach(async () => {
    await store.close();
    await testStore.remove();
  });

  function open(): UserInbox {
    const line = {
      domain: PLACE.gateway,
      isAttached: () => true,
      write: (stanzas: readonly XmlElement[]) => void written.push(...stanzas),
      ping: () => Promise.resolve(),
    };
    return new UserInbox({
      place: PLACE,
      server: 'localhost',
      store: store.inbox,
      barrier: new Barrier(line, clock),
      clock,
      files: {
        fromUser: () => assert.fail(),
        keep: () => assert.fail(),
        offer: () => assert.fail(),
        forget: () => assert.fail(),
      },
      secret: Buffer.alloc(32),
      log: pino({ level: 'silent' }),
      events: {
        post: (task) => void Promise.resolve(task()),
        stanzas: (event, nextId) => stanzas(event, nextId),
        isThere: () => false,
        isAccepted: () => isAccepted,
        asks: () => undefined,
      },
    });
  }

  const take = (inbox: UserInbox, id: string): Promise<void> =>
    inbox.take({ kind: 'message', from: contactId('romeo'), id: messageId(id), text: id });

  const sent = (): (string | undefined)[] => written.map(({ attributes }) => attributes['id']);

  async function settled(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!(await isTrue())) {
      if (performance.now() > deadline) assert.fail('waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 6));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Has three messages that have all come back. */
  async function bounced(): Promise<{ readonly inbox: UserInbox; readonly ids: string[] }> {
    const inbox = open();
    for (const id of ['n1', 'n2', 'n3']) await take(inbox, id);
    await settled(() => written.length === 3 && inbox.isIdle);
    const ids = sent().map(String);
    for (const id of ids) inbox.bounced(CHAT, id, false);
    await settled(async () => (await states()) === 'bounced bounced bounced');
    written = [];
    return { inbox, ids };
  }

  async function states(): Promise<string> {
    const rows = await Promise.all(
      ['n1', 'n2', 'n3'].map((id) => store.inbox.byName(PLACE, CHAT, `message ${id}`)),
    );
    return rows.map((row) => row?.state).join(' ');
  }

  test('tries the first that came back again, and the others when it stays', async () => {
    const { inbox, ids } = await bounced();
    inbox.tryAgain();
    await settled(() => written.length > 0);
    assert.deepEqual(sent(), ids.slice(0, 1));
    assert.equal(inbox.isIdle, false);
    clock.advance(30_000);
    await settled(() => written.length === 3 && inbox.isIdle);
    assert.deepEqual(sent(), ids);
    assert.equal(await states(), 'done done done');
  });

  test('does not hold it against a message that nobody was there, however often it is tried', async () => {
    const { inbox, ids } = await bounced();
    for (let tries = 1; tries <= 10; tries += 1) {
      inbox.tryAgain();
      await settled(() => written.length === tries);
      inbox.bounced(CHAT, ids[0] ?? '', false);
      await settled(async () => (await states()) === 'bounced bounced bounced');
      clock.advance(30_000);
    }
    assert.deepEqual(new Set(sent()), new Set(ids.slice(0, 1)));
    inbox.tryAgain();
    await settled(() => written.length === 11);
    clock.advance(30_000);
    await settled(async () => (await states()) === 'done done done');
  });

  test('tries nothing again that did not come back', async () => {
    const inbox = open();
    await take(inbox, 'n1');
    await settled(() => written.length === 1 && inbox.isIdle);
    inbox.tryAgain();
    await settled(() => inbox.isIdle);
    assert.equal(written.length, 1);
    assert.equal(clock.next, undefined);
  });

  test('forgets what it was trying with the rest', async () => {
    const { inbox } = await bounced();
    inbox.tryAgain();
    await settled(() => written.length === 1);
    await inbox.clear();
    clock.advance(30_000);
    await settled(() => inbox.isIdle);
    assert.equal(written.length, 1);
  });

  test('tells later what could not be told, and does not take it for told', async () => {
    const inbox = open();
    const tell = stanzas;
    let isAway = true;
    stanzas = async (event, nextId) => {
      if (isAway) throw new Error('the database is away');
      return tell(event, nextId);
    };
    await take(inbox, 'n1');
    await settled(() => clock.next !== undefined);
    const row = await store.inbox.byName(PLACE, CHAT, 'message n1');
    assert.equal(row?.state, 'new');
    isAway = false;
    clock.advance(10_000);
    await settled(() => written.length === 1 && inbox.isIdle);
    assert.equal((await store.inbox.byName(PLACE, CHAT, 'message n1'))?.state, 'done');
  });

  test('gives up in the end what can never be told', async () => {
    const inbox = open();
    let tries = 0;
    stanzas = () => {
      tries += 1;
      return Promise.reject(new TypeError('undefined is not a function'));
    };
    await take(inbox, 'n1');
    while ((await store.inbox.byName(PLACE, CHAT, 'message n1'))?.state !== 'done') {
      const before = tries;
      clock.advance(10_000);
      await settled(async () => {
        const row = await store.inbox.byName(PLACE, CHAT, 'message n1');
        return tries > before || row?.state === 'done' || clock.next !== undefined;
      });
      assert.ok(tries <= 10, String(tries));
    }
    assert.equal(tries, 10);
    assert.equal(written.length, 0);
  });

  test('tells a stranger whom the user answers before the message is on disk', async () => {
    const inbox = open();
    isAccepted = false;
    const event = { kind: 'message', from: contactId('romeo'), text: 'n1' } as const;
    const taken = inbox.take({ ...event, id: messageId('n1'), isUninvited: true });
    inbox.accept(contactId('romeo'));
    await taken;
    await settled(() => written.length === 1 && inbox.isIdle);
  });

  test('tries again what came back after the disk has refused that once', async () => {
    const { inbox } = await bounced();
    const { inbox: kept } = store;
    const releaseOne = kept.releaseOne.bind(kept);
    kept.releaseOne = () => Promise.reject(new Error('the disk is full'));
    inbox.tryAgain();
    await settled(() => inbox.isIdle);
    kept.releaseOne = releaseOne;
    inbox.tryAgain();
    await settled(() => written.length === 1);
  });

  test(
    'finds what is yet to be told without looking at what was',
    { skip: !TestStore.isSqlite },
    async () => {
      const asked: string[] = [];
      const { database } = store.inbox;
      const read = database.read.bind(database);
      database.read = (text, values) => (asked.push(text), read(text, values));
      await store.inbox.pending(PLACE, 10, new Set());
      await store.inbox.has(PLACE, 'bounced');
      await store.inbox.has(PLACE, 'held');
      await store.inbox.firstBounced(PLACE);
      await store.inbox.usersWith(PLACE.gateway, 'new');
      await store.inbox.count(PLACE.gateway);
      assert.equal(asked.length, 6);
      const sqlite = new Database(join(testStore.data, 'causeway.sqlite'));
      for (const text of asked) {
        const values = Array<string>(text.split('?').length - 1).fill('');
        const plan = JSON.stringify(sqlite.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values));
        assert.match(plan, /inbox_open/, text);
        assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, text);
      }
      sqlite.close();
    },
  );
});
