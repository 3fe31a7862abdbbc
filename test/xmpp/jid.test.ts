import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseJid } from '../../src/xmpp/jid.ts';

describe('a JID', () => {
  const SAME: readonly (readonly [string, string])[] = [
    ['Alice@Example.ORG/Phone', 'alice@example.org/Phone'],
    ['example.org', 'example.org'],
    ['#chan%irc.example.org@irc.localhost/Nick', '#chan%irc.example.org@irc.localhost/Nick'],
    ['a@b/c@d/e', 'a@b/c@d/e'],
    ['STRAẞE@b', 'strasse@b'],
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
});
