import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeLocal, unescapeLocal } from '../../src/xmpp/jid-escaping.ts';

// XEP-0106 §5.1 and its other examples
const PAIRS: readonly (readonly [string, string])[] = [
  ['space cadet', 'space\\20cadet'],
  [`call me "ishmael"`, 'call\\20me\\20\\22ishmael\\22'],
  ['at&t guy', 'at\\26t\\20guy'],
  ["d'artagnan", 'd\\27artagnan'],
  ['/.fanboy', '\\2f.fanboy'],
  ['::foo::', '\\3a\\3afoo\\3a\\3a'],
  ['<foo>', '\\3cfoo\\3e'],
  ['user@host', 'user\\40host'],
  ['c:\\net', 'c\\3a\\net'],
  ['c:\\\\net', 'c\\3a\\\\net'],
  ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
  ['c:\\5commas', 'c\\3a\\5c5commas'],
  ['#chan%irc.example.org', '#chan%irc.example.org'],
];
for (const [text, local] of PAIRS) {
  test(`N09: escapes ${text} as ${local} and back`, () => {
    assert.equal(escapeLocal(text), local);
    assert.equal(unescapeLocal(local), text);
  });
}

test('N09: has no local part for text with a space at either end', () => {
  assert.equal(escapeLocal(' a'), undefined);
  assert.equal(escapeLocal('a '), undefined);
  assert.equal(unescapeLocal('\\20a'), '\\20a');
});

test('N10: escapes what already looks like an escape', () => {
  assert.equal(escapeLocal('a\\20b'), 'a\\5c20b');
  assert.equal(unescapeLocal('a\\5c20b'), 'a\\20b');
});
