import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseJid } from '../../src/xmpp/jid.ts';

describe('a JID', () => {
  const SAME: readonly (readonly [string, string])[] = [
    ['Alice@Example.ORG/Phone', 'alice@example.org/Phone'],
    ['example.org', 'example.org'],
    ['#chan%irc.example.org@irc.localhost/Nick', '#chan%irc.example.org@irc.localhost/Nick'],
    ['a@b/c@d/e', 'a@b/c@d/e'],
    ['STRAßE@b', 'strasse@b'],
    ['Ａlice@b', 'alice@b'],
    ['ﬁ@b', 'fi@b'],
    ['a@[::1]', 'a@[::1]'],
    ['a@127.0.0.1', 'a@127.0.0.1'],
    ['a@bücher.example', 'a@bücher.example'],
    ['a@b/👋', 'a@b/👋'],
    ['a\u00adb@c', 'ab@c'],
  ];
  for (const [text, full] of SAME) {
    test(`reads ${JSON.stringify(text)} as ${full}`, () => {
      assert.equal(parseJid(text)?.full, full);
    });
  }

  // Servers know Unicode 3.2, and have these for the names of different people.
  const OTHERS: readonly (readonly [string, string])[] = [
    ['\u1d2clice@b', 'alice@b'],
    ['\u{1f130}lice@b', 'alice@b'],
    ['a\u2097ice@b', 'alice@b'],
    ['alice@e\u2093ample.org', 'alice@example.org'],
    ['\u10a0@b', '\u2d00@b'],
    ['a\u0358\u0300@b', '\u00e0\u0358@b'],
    ['a@b/\u1d2c', 'a@b/A'],
  ];
  for (const [one, other] of OTHERS) {
    test(`tells ${JSON.stringify(one)} from ${other}`, () => {
      assert.notEqual(parseJid(one)?.full, parseJid(other)?.full);
      assert.equal(parseJid(one)?.full.length, one.length);
    });
  }

  const MALFORMED: readonly string[] = [
    '',
    '@b',
    'a@',
    'a@b/',
    '/c',
    'a b@c',
    'a<@c',
    "a'@c",
    'a:b@c',
    'a@b@c',
    'a@b c',
    'a@b/\u0000',
    'a\u0007@b',
    'a@b/\u2028',
    'a@b/\ue000',
    'a@-b',
    'a@b-',
    'a@b..c',
    'a@.b',
    `${'a'.repeat(1_024)}@b`,
    `a@b/${'c'.repeat(1_024)}`,
    `a@${'b'.repeat(64)}`,
    '\u0627a@b',
    '\ud800@b',
  ];
  for (const text of MALFORMED) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.equal(parseJid(text), undefined);
    });
  }

  test('does not keep the text in memory that it was read from', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const jids = Array.from({ length: 500 }, (_, n) => {
      const stream = Buffer.alloc(100_000, `user-number-${n}@example.org/resource `).toString();
      return parseJid(stream.slice(0, stream.indexOf(' ')));
    });
    collect();
    const megabytes = (process.memoryUsage().heapUsed - before) / 1e6;
    assert.ok(megabytes < 10, `${megabytes} MB for ${jids.length} JIDs`);
  });
});
