import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTags, maskOf, parseLine } from '../../../gateways/irc/irc-message.ts';

const cases: readonly (readonly [line: string, command: string, params: readonly string[]])[] = [
  ['PING', 'PING', []],
  ['ping :a b ', 'PING', ['a b ']],
  [':s 353 me = #a :@x  +y', '353', ['me', '=', '#a', '@x  +y']],
  [':n!u@h  MODE   #a  +o   x ', 'MODE', ['#a', '+o', 'x']],
  ['@a=b;c :n!u@h PRIVMSG #a ::-)', 'PRIVMSG', ['#a', ':-)']],
  ['@a  PRIVMSG #a :', 'PRIVMSG', ['#a', '']],
  [':s FOO :', 'FOO', ['']],
];

test('reads command and parameters of every form of a line', () => {
  for (const [line, command, params] of cases) {
    const message = parseLine(line);
    assert.deepEqual([message?.command, message?.params], [command, params], line);
  }
});

test('finds nothing in what is no line', () => {
  for (const line of ['', ' ', ':', ':a', ':a ', '@', '@a', '@a ', '@a :b', '@a :b ']) {
    assert.equal(parseLine(line), undefined, JSON.stringify(line));
  }
});

test('tells people from servers by their prefix', () => {
  const person = parseLine(':nick!user@host X');
  assert.deepEqual([person?.nick, person && maskOf(person)], ['nick', 'user@host']);
  const server = parseLine(':irc.example.org X');
  assert.deepEqual([server?.nick, server && maskOf(server)], ['irc.example.org', '']);
  assert.equal(parseLine(':nick@host X')?.nick, 'nick');
  assert.equal(parseLine('X')?.nick, '');
});

test('gives back the values of tags that were escaped', () => {
  const value = 'a;b c\\d\r\n=e';
  const line = `${formatTags({ '+x/y': value, empty: '' })}TAGMSG #a`;
  assert.doesNotMatch(line, /[\r\n]/);
  const message = parseLine(line);
  assert.equal(message?.tags.get('+x/y'), value);
  assert.equal(message?.tags.get('empty'), '');
  assert.equal(parseLine('@a=\\b\\ X')?.tags.get('a'), 'b');
  assert.equal(parseLine('@__proto__=x X')?.tags.get('__proto__'), 'x');
});
