import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import type { OutgoingItem } from '../../src/delivery/outgoing-item.ts';
import { Slots } from '../../src/delivery/slots.ts';
import type { UndeliveredEvent } from '../../src/delivery/stored-event.ts';
import type { Kept } from '../../src/delivery/user-inbox.ts';
import { UserOutbox } from '../../src/delivery/user-outbox.ts';
import { contactId, messageId, NetworkError } from '../../src/plugin/index.ts';
import type { NetworkErrorKind, Sent } from '../../src/plugin/index.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { TestStore } from '../harness/test-store.ts';

const HOUR_MS = 3_600_000;
const PLACE = { gateway: 'mail.localhost', user: 'alice@localhost' };

describe('the outbox of a user', () => {
  let testStore: TestStore;
  let store: Store;
  let clock: FakeClock;
  let network: Network;
  beforeEach(async () => {
    testStore = new TestStore();
    store = await testStore.open();
    clock = new FakeClock();
    network = new Network();
  });
  afterEach(async () => {
    await store.close();
    await testStore.remove();
  });

  const open = (expireMs = 24 * HOUR_MS): UserOutbox =>
    new UserOutbox({
      place: PLACE,
      store: store.outbox,
      slots: new Slots(10),
      clock,
      random: () => 0.5,
      files: {
        fromUser: () => assert.fail(),
        keep: () => assert.fail(),
        offer: () => assert.fail(),
        forget: () => assert.fail(),
      },
      expireMs,
      log: pino({ level: 'silent' }),
      events: network,
    });

  test('waits longer after each try, never longer than a quarter of an hour, and gives up in the end', async () => {
    const outbox = open(3 * HOUR_MS);
    network.fail = 'unreachable';
    await outbox.take(item('k1'), 'Hello').stored;
    const waits: number[] = [];
    while (network.undeliveredEvents.length === 0) {
      const tries = network.sent.length;
      await settled(outbox, () => clock.next !== undefined || network.undeliveredEvents.length > 0);
      if (clock.next === undefined) break;
      waits.push(clock.next);
      clock.advance(clock.next);
      await settled(
        outbox,
        () => network.sent.length > tries || network.undeliveredEvents.length > 0,
      );
    }
    assert.deepEqual(waits.slice(0, 4), [2_000, 4_000, 8_000, 16_000]);
    assert.equal(Math.max(...waits), 900_000);
    assert.ok(waits.reduce((one, other) => one + other) <= 3 * HOUR_MS);
    const [event] = network.undeliveredEvents;
    assert.deepEqual([event?.key, event?.reason], ['k1', 'expired']);
    assert.ok(outbox.isIdle);
  });

  test('waits as long as the network asks for', async () => {
    const outbox = open();
    network.fail = 'too-fast';
    network.retryAfterMs = 77_000;
    await outbox.take(item('k1'), 'Hello').stored;
    await settled(outbox, () => clock.next !== undefined);
    assert.ok((clock.next ?? 0) >= 77_000 && (clock.next ?? 0) < 85_000, String(clock.next));
  });

  test('does not send what was taken before the process died, when the network says so', async () => {
    network.hold = true;
    const first = open();
    await first.take(item('k1'), 'Hello').stored;
    await settled(first, () => network.sent.length === 1);
    network.hold = false;
    network.wasTakenIds = ['n1'];
    const second = open();
    await second.restore();
    await settled(second, () => second.isIdle);
    assert.deepEqual(network.sent, ['k1 1']);
    assert.deepEqual(network.asked, ['k1 1']);
    assert.equal((await store.outbox.byName(PLACE, 'contact romeo', 'n1'))?.state, 'done');
  });

  test('is read in a few pages, however much waits in it', async (context) => {
    network.fail = 'too-fast';
    const outbox = open();
    const keys = Array.from({ length: 1_200 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => outbox.take(item(key), key).stored));
    await settled(outbox, () => clock.next !== undefined);
    const read = context.mock.method(store.outbox.database, 'read');
    let unsent = 0;
    for await (const { id } of outbox.unsent()) unsent += Number(id === 'm1');
    await open().restore();
    assert.equal(unsent, keys.length);
    assert.equal(read.mock.callCount(), 6);
    const pending: string[] = [];
    for await (const { key } of store.outbox.pending(PLACE)) pending.push(key);
    assert.deepEqual(pending, keys);
  });

  test('sends each once, though the database fell silent while all that waits was read', async (context) => {
    network.fail = 'too-fast';
    const first = open();
    await Promise.all(['k1', 'k2'].map((key) => first.take(item(key), key).stored));
    await settled(first, () => clock.next !== undefined);
    await first.close();
    network.fail = undefined;
    network.sent.length = 0;
    clock.advance(HOUR_MS);
    const all = store.outbox.pending(PLACE);
    const pending = context.mock.method(store.outbox, 'pending');
    pending.mock.mockImplementationOnce(async function* () {
      const { value } = await all.next();
      if (value !== undefined) yield value;
      throw new Error('no answer');
    });
    const second = open();
    await assert.rejects(second.restore(), /no answer/);
    await second.restore();
    await settled(second, () => second.isIdle);
    assert.deepEqual(network.sent, ['k1 2', 'k2 2']);
  });

  test('sends what is in doubt again, and says that it is another try', async () => {
    network.hold = true;
    const first = open();
    await first.take(item('k1'), 'Hello').stored;
    await settled(first, () => network.sent.length === 1);
    network.hold = false;
    const second = open();
    await second.restore();
    await settled(second, () => second.isIdle);
    assert.deepEqual(network.sent, ['k1 1', 'k1 2']);
  });

  test('does not wait longer for the network because the program was killed often', async () => {
    network.hold = true;
    const first = open();
    await first.take(item('k1'), 'Hello').stored;
    await settled(first, () => network.sent.length === 1);
    for (let kills = 2; kills <= 30; kills += 1) {
      const next = open();
      await next.restore();
      await settled(next, () => network.sent.length === kills);
    }
    network.hold = false;
    network.fail = 'unreachable';
    const last = open();
    await last.restore();
    await settled(last, () => clock.next !== undefined);
    assert.equal(network.sent.at(-1), 'k1 31');
    assert.equal(clock.next, 2_000);
  });

  test('keeps on asking while the network cannot tell, and does not send meanwhile', async () => {
    network.fail = 'uncertain';
    const outbox = open();
    await outbox.take(item('k1'), 'Hello').stored;
    await settled(outbox, () => clock.next !== undefined);
    network.fail = undefined;
    network.askFails = true;
    for (let count = 1; count <= 3; count += 1) {
      clock.advance(clock.next ?? 0);
      await settled(outbox, () => network.asked.length === count && clock.next !== undefined);
    }
    assert.deepEqual(network.sent, ['k1 1']);
    network.askFails = false;
    clock.advance(clock.next ?? 0);
    await settled(outbox, () => outbox.isIdle);
    assert.deepEqual(network.sent, ['k1 1', 'k1 2']);
  });

  test('does not send for days what a network takes and never answers for', async () => {
    network.fail = 'uncertain';
    const outbox = open();
    await outbox.take(item('k1'), 'Hello').stored;
    while (network.undeliveredEvents.length === 0) {
      const tries = network.sent.length;
      await settled(outbox, () => clock.next !== undefined || network.undeliveredEvents.length > 0);
      clock.advance(clock.next ?? 0);
      await settled(
        outbox,
        () => network.sent.length > tries || network.undeliveredEvents.length > 0,
      );
    }
    const [event] = network.undeliveredEvents;
    assert.deepEqual([event?.key, event?.reason], ['k1', 'uncertain']);
    assert.equal(network.sent.length, 8);
    assert.ok(outbox.isIdle);
  });

  test('knows a message by its stanza for ten minutes, and another with the same id by its text', async () => {
    const outbox = open();
    assert.equal(await outbox.take(item('k1'), 'Hello').stored, true);
    assert.equal(await outbox.take(item('k2'), 'Hello').stored, false);
    assert.equal(await outbox.take(item('k3'), 'Goodbye').stored, true);
    clock.advance(601_000);
    assert.equal(await outbox.take(item('k4'), 'Hello').stored, true);
    await settled(outbox, () => outbox.isIdle);
    assert.deepEqual(network.sent, ['k1 1', 'k3 1', 'k4 1']);
  });

  test('tells of a defect of the gateway as such, and goes on with the next message', async () => {
    network.bug = true;
    const outbox = open();
    await outbox.take(item('k1'), 'Hello').stored;
    await settled(outbox, () => network.undeliveredEvents.length === 1);
    network.bug = false;
    await outbox.take(item('k2'), 'Again').stored;
    await settled(outbox, () => outbox.isIdle);
    const [event] = network.undeliveredEvents;
    assert.deepEqual([event?.reason, event?.text], ['defect', '']);
    assert.deepEqual(network.sent, ['k1 1', 'k2 1']);
  });

  test('sends nothing after it was cleared, and keeps nothing', async () => {
    network.fail = 'unreachable';
    const outbox = open();
    await outbox.take(item('k1'), 'Hello').stored;
    await settled(outbox, () => clock.next !== undefined);
    await outbox.clear();
    clock.advance(HOUR_MS);
    await settled(outbox, () => true);
    assert.deepEqual(network.sent, ['k1 1']);
    assert.equal(await store.outbox.byKey(PLACE, 'k1'), undefined);
  });
});

/** The network side, with all that can go wrong. */
class Network {
  readonly sent: string[] = [];
  readonly asked: string[] = [];
  readonly undeliveredEvents: UndeliveredEvent[] = [];
  fail: NetworkErrorKind | undefined;
  retryAfterMs: number | undefined;
  bug = false;
  hold = false;
  askFails = false;
  wasTakenIds: readonly string[] | undefined;

  language(): string {
    return 'en';
  }

  async send({ message }: OutgoingItem, attempt: number): Promise<Sent> {
    this.sent.push(`${message.key} ${attempt}`);
    if (this.hold) await new Promise(() => undefined);
    if (this.bug) throw new TypeError('undefined is not a function');
    if (this.fail !== undefined) {
      const { retryAfterMs } = this;
      throw new NetworkError(this.fail, 'No.', retryAfterMs === undefined ? {} : { retryAfterMs });
    }
    return { ids: [] };
  }

  wasTaken({ message }: OutgoingItem, attempt: number): Promise<Sent | undefined> {
    this.asked.push(`${message.key} ${attempt}`);
    if (this.askFails) return Promise.reject(new NetworkError('unreachable', 'Not now.'));
    const ids = this.wasTakenIds?.map(messageId);
    return Promise.resolve(ids === undefined ? undefined : { ids });
  }

  undelivered(event: UndeliveredEvent): Kept {
    return { queries: [], tell: () => this.undeliveredEvents.push(event) };
  }
}

function item(key: string): OutgoingItem {
  return {
    to: { kind: 'contact', id: contactId('romeo') },
    message: { key, text: 'Hello', at: new Date(0), asksReceipt: false },
    stanza: { from: 'alice@localhost/desk', to: 'romeo@mail.localhost', id: 'm1', type: 'chat' },
    isMarkable: false,
  };
}

/** Waits until the commits and calls that are under way are over, and something is true. */
async function settled(_outbox: UserOutbox, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  do {
    if (performance.now() > deadline) assert.fail('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 6));
  } while (!isTrue());
}
