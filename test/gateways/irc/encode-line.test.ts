import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeLine, safeLine } from '../../../gateways/irc/encode-line.ts';
import { NetworkError } from '../../../src/plugin/index.ts';

test('makes one line of text that holds several', () => {
  assert.equal(encodeLine('en', 'TOPIC', '#a', 'b\r\nQUIT :c\u0000'), 'TOPIC #a :b QUIT :c');
  assert.equal(safeLine('a\r\nb\u0000c'), 'a  b c');
});

for (const name of ['a b', 'a\nb', ':a', '', 'a\u0000']) {
  test(`refuses ${JSON.stringify(name)} where a name must stand`, () => {
    assert.throws(
      () => encodeLine('en', 'KICK', name, 'nick', 'reason'),
      (error) => error instanceof NetworkError && error.kind === 'invalid',
    );
  });
}

test('refuses a line that no server would take whole', () => {
  assert.throws(
    () => encodeLine('en', 'TOPIC', '#a', 'x'.repeat(600)),
    (error) => error instanceof NetworkError && error.kind === 'too-large',
  );
});
