import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Mailbox } from '../../src/session/mailbox.ts';
import type { Slowness } from '../../src/session/mailbox.ts';
import { Turns } from '../../src/session/turns.ts';
import { xml } from '../../src/xml/element.ts';

interface Rig {
  readonly box: Mailbox;
  readonly other: Mailbox;
  readonly written: string[];
  readonly failures: unknown[];
  readonly slowness: Slowness[];
}

function rig(
  capacity?: number,
  congestion: () => Promise<void> | undefined = () => undefined,
): Rig {
  const written: string[] = [];
  const failures: unknown[] = [];
  const slowness: Slowness[] = [];
  const edge = {
    turns: new Turns(congestion),
    write: (output: Iterable<{ readonly name: string }>) =>
      void written.push(...Array.from(output, ({ name }) => name)),
    failed: (error: unknown) => void failures.push(error),
    slow: (what: Slowness) => void slowness.push(what),
  };
  const box = new Mailbox(edge, 'alice@localhost', capacity);
  return { box, other: new Mailbox(edge, 'bob@localhost'), written, failures, slowness };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('does the work of a user in order, though some of it takes time', async () => {
  const { box, written } = rig();
  let finish = (): void => undefined;
  const slow = new Promise<void>((resolve) => (finish = resolve));
  const last = new Promise<void>((resolve) => {
    box.post(() => [xml('a', '')]);
    box.post(() => slow.then(() => [xml('b', '')]));
    box.post(() => [xml('c', '')]);
    box.post(() => {
      resolve();
      return [xml('d', '')];
    });
  });
  assert.deepEqual(written, ['a']);
  finish();
  await last;
  assert.deepEqual(written, ['a', 'b', 'c', 'd']);
  assert.ok(box.isIdle);
});

test('goes on after work that fails, at once or later', async () => {
  const { box, written, failures } = rig();
  box.post(() => {
    throw new Error('at once');
  });
  box.post(() => Promise.reject(new Error('later')));
  await new Promise<void>((resolve) => {
    box.post(() => {
      resolve();
      return [xml('after', '')];
    });
  });
  assert.equal(failures.length, 2);
  assert.deepEqual(written, ['after']);
});

test('refuses stanzas when it is full, and says when it is drained', async () => {
  const { box } = rig(10);
  let finish = (): void => undefined;
  box.post(() => new Promise<undefined>((resolve) => (finish = () => resolve(undefined))));
  for (let i = 0; i < 10; i++) assert.ok(box.offer(() => undefined));
  assert.equal(
    box.offer(() => undefined),
    false,
  );
  const { drained } = box;
  assert.ok(drained !== undefined);
  finish();
  await drained;
  assert.equal(box.drained, undefined);
});

test('a flood of work for one user waits for the work of another, and stays in order', async () => {
  const { box, other, written } = rig();
  const flood = 5_000;
  for (let index = 0; index < flood; index++) box.post(() => [xml(`f${index}`, '')]);
  other.post(() => [xml('other', '')]);
  assert.ok(written.indexOf('other') >= 0, 'it is done at once');
  assert.ok(written.length < 1_000, `${written.length} were done before`);
  assert.ok(!box.isIdle);
  for (let turns = 0; !box.isIdle; turns++) {
    assert.ok(turns < flood);
    await turn();
  }
  const expected = Array.from({ length: flood }, (_, index) => `f${index}`);
  assert.deepEqual(
    written.filter((name) => name !== 'other'),
    expected,
  );
});

test('two floods are worked off in turns', async () => {
  const { box, other, written } = rig();
  for (let index = 0; index < 2_000; index++) box.post(() => [xml('a', '')]);
  for (let index = 0; index < 2_000; index++) other.post(() => [xml('b', '')]);
  while (!box.isIdle && !other.isIdle) await turn();
  const count = (name: string): number => written.filter((each) => each === name).length;
  assert.ok(Math.abs(count('a') - count('b')) <= 200, `${count('a')} and ${count('b')}`);
});

test('nothing is done while the server does not read', async () => {
  let release = (): void => undefined;
  let congestion: Promise<void> | undefined = new Promise((resolve) => (release = resolve));
  const { box, other, written } = rig(undefined, () => congestion);
  box.post(() => [xml('a', '')]);
  other.post(() => [xml('b', '')]);
  assert.equal(box.drained, congestion);
  await turn();
  assert.deepEqual(written, []);
  congestion = undefined;
  release();
  while (!box.isIdle || !other.isIdle) await turn();
  assert.deepEqual(written, ['a', 'b']);
});

test('work that takes too long is told of, given up and answered, and the rest goes on', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const clock = mock.method(performance, 'now', () => 0);
  try {
    const { box, written, slowness } = rig();
    let finish = (): void => undefined;
    const endless = new Promise<void>((resolve) => (finish = resolve));
    box.offer(
      () => endless.then(() => [xml('late', '')]),
      'message',
      () => [xml('error', '')],
    );
    box.offer(() => [xml('next', '')]);
    clock.mock.mockImplementation(() => 6_000);
    mock.timers.tick(1_000);
    assert.deepEqual(slowness, [{ what: 'message', durationMs: 6_000, isAbandoned: false }]);
    assert.deepEqual(written, []);
    clock.mock.mockImplementation(() => 31_000);
    mock.timers.tick(1_000);
    assert.deepEqual(slowness.at(-1), { what: 'message', durationMs: 31_000, isAbandoned: true });
    assert.deepEqual(written, ['error', 'next']);
    finish();
    await turn();
    assert.deepEqual(written, ['error', 'next'], 'what comes of it later is not written');
    assert.ok(box.isIdle);
  } finally {
    clock.mock.restore();
    mock.timers.reset();
  }
});
