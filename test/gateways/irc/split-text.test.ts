import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitText } from '../../../gateways/irc/split-text.ts';

const TEXTS: readonly string[] = [
  'x'.repeat(2_000),
  'words and words '.repeat(100),
  'grüße aus köln '.repeat(80),
  '👋🏽👨‍👩‍👧‍👦'.repeat(60),
  'e\u0301'.repeat(500),
  '漢字'.repeat(400),
  `a${'\u0301'.repeat(1_000)}`,
];

for (const text of TEXTS) {
  test(`loses nothing of ${JSON.stringify(text.slice(0, 12))}… and cuts no character, whatever the limit`, () => {
    for (let limit = 8; limit <= 450; limit += 13) {
      const pieces = splitText(text, limit);
      assert.equal(pieces.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      for (const piece of pieces) {
        assert.ok(Buffer.byteLength(piece) <= limit);
        assert.equal(piece, Buffer.from(piece).toString());
      }
    }
  });
}

test('makes a line of each line, and none of empty ones', () => {
  assert.deepEqual(splitText('a\r\n\r\nb\rc\n', 100), ['a', 'b', 'c']);
});

test('leaves no control character in that could end a line', () => {
  assert.deepEqual(splitText('a\u0000b\u0001c', 100), ['abc']);
});

test('comes to an end where there is no room at all', () => {
  for (const limit of [-600, -1, 0, 1]) {
    assert.equal(splitText('grüße an alle', limit).join(''), 'grüßeanalle');
  }
});
