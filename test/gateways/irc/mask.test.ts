import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAbout, matches } from '../../../gateways/irc/mask.ts';

test('holds wildcards against texts', () => {
  for (const [mask, text] of [
    ['*', ''],
    ['a*', 'a'],
    ['*.example', 'shell.evil.example'],
    ['a?c*e', 'abcde'],
    ['**b', 'ab'],
    ['*ab', 'aab'],
  ] as const) {
    assert.ok(matches(mask, text), `${mask} ${text}`);
  }
  for (const [mask, text] of [
    ['', 'a'],
    ['a', ''],
    ['?', ''],
    ['a?', 'a'],
    ['*.example', 'example'],
    ['a*b', 'abc'],
  ] as const) {
    assert.ok(!matches(mask, text), `${mask} ${text}`);
  }
});

test('takes no longer than the mask times the text', () => {
  assert.ok(!matches(`${'*a'.repeat(100)}b`, 'a'.repeat(20_000)));
});

test('says that a mask is about somebody only if that is known', () => {
  const eve = 'e@shell.evil.example';
  for (const mask of ['eve', 'e*!*@*', '*!*@*.evil.example', '*@shell.*', '*!e', 'eve!?@*']) {
    assert.ok(isAbout(mask, 'eve', eve), mask);
  }
  for (const mask of ['bob', '*!*@good.example', '*!x@*', '$a:eve', '~a:eve', 'm:*!*@*', 'R:*']) {
    assert.ok(!isAbout(mask, 'eve', eve), mask);
  }
  for (const mask of ['eve', '*', 'e*!*@*', '*!*@*'])
    assert.ok(isAbout(mask, 'eve', undefined), mask);
  for (const mask of ['*!*@*.evil.example', 'eve!e@*', '*!?@*']) {
    assert.ok(!isAbout(mask, 'eve', undefined), mask);
  }
});
