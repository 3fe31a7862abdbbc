import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mailbox } from '../../src/session/mailbox.ts';
import { xml } from '../../src/xml/element.ts';

function mailbox(capacity?: number): { box: Mailbox; written: string[]; failures: unknown[] } {
  const written: string[] = [];
  const failures: unknown[] = [];
  const box = new Mailbox(
    {
      write: (output) => written.push(...output.map(({ name }) => name)),
      congestion: () => undefined,
      failed: (error) => failures.push(error),
    },
    capacity,
  );
  return { box, written, failures };
}

test('does the work of a user in order, though some of it takes time', async () => {
  const { box, written } = mailbox();
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
  const { box, written, failures } = mailbox();
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
  const { box } = mailbox(10);
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
