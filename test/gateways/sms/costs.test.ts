import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TokenBucket } from '../../../gateways/sms/token-bucket.ts';
import { UsageCounter } from '../../../gateways/sms/usage.ts';
import { NetworkError } from '../../../src/plugin/index.ts';
import { memoryOf } from '../../contract/recording-host.ts';

const QUOTA = { segmentsPerDay: 10, segmentsPerMonth: 15 };

describe('what a user may send', () => {
  test('ends with the day, and with the month, and begins again', async () => {
    let now = Date.parse('2026-11-29T12:00:00Z');
    const usage = new UsageCounter(memoryOf(new Map()), () => now);
    assert.equal(await usage.reserve(10, QUOTA), undefined);
    await usage.release(10, true);
    assert.equal(await usage.reserve(1, QUOTA), 'day');
    now = Date.parse('2026-11-30T00:00:01Z');
    assert.equal(await usage.reserve(6, QUOTA), 'month');
    assert.equal(await usage.reserve(5, QUOTA), undefined);
    await usage.release(5, true);
    now = Date.parse('2026-12-01T00:00:01Z');
    assert.deepEqual(await usage.read(), {
      day: '2026-12-01',
      today: 0,
      month: '2026-12',
      thisMonth: 0,
    });
  });

  test('counts what is under way, and not what was not taken', async () => {
    const usage = new UsageCounter(memoryOf(new Map()), () => 0);
    assert.equal(await usage.reserve(6, QUOTA), undefined);
    assert.equal(await usage.reserve(6, QUOTA), 'day');
    await usage.release(6, false);
    assert.equal(await usage.reserve(6, QUOTA), undefined);
  });

  test('is known after a restart', async () => {
    const values = new Map<string, string>();
    const before = new UsageCounter(memoryOf(values), () => 0);
    await before.reserve(4, QUOTA);
    await before.release(4, true);
    await before.saved();
    assert.equal((await new UsageCounter(memoryOf(values), () => 0).read()).today, 4);
  });
});

describe('the pace of a number', () => {
  const bucketAt = (clock: { now: number; readonly waits: number[] }): TokenBucket =>
    new TokenBucket(
      { burst: 3, perSecond: 2 },
      {
        now: () => clock.now,
        wait: (delayMs) => {
          clock.waits.push(delayMs);
          return Promise.resolve();
        },
      },
    );
  const signal = AbortSignal.timeout(60_000);

  test('lets a burst out at once, and then so many a second, in order', async () => {
    const clock = { now: 0, waits: [] };
    const bucket = bucketAt(clock);
    for (let count = 0; count < 3; count += 1) await bucket.take(1, 10_000, signal);
    assert.deepEqual(clock.waits, []);
    await bucket.take(1, 10_000, signal);
    await bucket.take(1, 10_000, signal);
    assert.deepEqual(clock.waits, [500, 1_000]);
    clock.now = 60_000;
    await bucket.take(3, 10_000, signal);
    assert.deepEqual(clock.waits, [500, 1_000]);
  });

  test('says when to come again to whom would wait too long, and lets more go than it holds', async () => {
    const bucket = bucketAt({ now: 0, waits: [] });
    await bucket.take(10, 0, signal);
    await assert.rejects(bucket.take(1, 3_000, signal), (error) => {
      assert.ok(error instanceof NetworkError);
      assert.equal(error.kind, 'too-fast');
      assert.equal(error.retryAfterMs, 4_000);
      return true;
    });
  });
});
