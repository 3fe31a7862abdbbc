import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fingerprint } from '../../src/session/fingerprint.ts';
import { RecentStanzas } from '../../src/session/recent-stanzas.ts';

const arrival = (id: string, text = 'Hello') => ({
  from: 'alice@example.org/desk',
  to: 'bob%irc@irc.example.org',
  id,
  text,
});

test('a message that comes again is not new, and one with the same id and another text is', () => {
  const recent = new RecentStanzas(() => 0);
  assert.equal(recent.isNew(arrival('a')), true);
  assert.equal(recent.isNew(arrival('a')), false);
  assert.equal(recent.isNew(arrival('a', 'Hello!')), true);
  assert.equal(recent.isNew(arrival('a', 'Hello!')), false);
  assert.equal(recent.isNew({ ...arrival('a', 'Hello!'), to: 'carol%irc@irc.example.org' }), true);
  assert.equal(recent.isNew({ ...arrival('a'), from: 'alice@example.org/phone' }), true);
});

test('a message that was refused may be sent again', () => {
  const recent = new RecentStanzas(() => 0);
  recent.isNew(arrival('a'));
  recent.isNew(arrival('b'));
  recent.forget('alice@example.org/desk', 'a');
  assert.equal(recent.isNew(arrival('a')), true);
  assert.equal(recent.isNew(arrival('b')), false);
});

test('messages are forgotten after ten minutes, and when two hundred others have come', () => {
  let now = 0;
  const recent = new RecentStanzas(() => now);
  recent.isNew(arrival('a'));
  now = 599_999;
  assert.equal(recent.isNew(arrival('a')), false);
  now = 600_000;
  assert.equal(recent.isNew(arrival('a')), true);
  for (let n = 0; n < 199; n++) recent.isNew(arrival(`n${n}`));
  assert.equal(recent.isNew(arrival('a')), false);
  recent.isNew(arrival('last'));
  assert.equal(recent.isNew(arrival('a')), true);
});

test('texts that differ but little have fingerprints that differ', () => {
  const seen = new Set<number>();
  const words = ['', 'a', 'b', 'ab', 'ba', 'aa', 'ä', '\u0000', '\n', '🌻', 'x'.repeat(500)];
  for (const one of words) for (const other of words) seen.add(fingerprint(one, other));
  for (let n = 0; n < 100_000; n++) seen.add(fingerprint('alice@example.org/desk', `id-${n}`));
  assert.equal(seen.size, words.length ** 2 + 100_000);
  for (const value of seen) assert.ok(Number.isSafeInteger(value) && value >= 0);
});
