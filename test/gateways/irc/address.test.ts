import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { roomId } from '../../../src/plugin/index.ts';
import { createAddressBook } from '../../../gateways/irc/address.ts';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { serverNames } from '../../../gateways/irc/servers.ts';

const nameOf = serverNames({
  servers: ircOptions.parse({ servers: { libera: { host: 'irc.libera.chat' } } }).servers,
});
const book = createAddressBook(['libera'], nameOf);
const shown = (text: string): string => {
  const address = book.parse(text);
  return address === undefined ? 'none' : `${address.kind} ${address.id}`;
};

describe('an address on IRC', () => {
  const READ: readonly (readonly [string, string])[] = [
    ['#Chan%Irc.Example.Org', 'room #chan%irc.example.org'],
    ['&local%libera', 'room &local%libera'],
    ['#a%b%libera', 'room #a%b%libera'],
    ['Nick%libera', 'contact nick%libera'],
    ['[nick]^{x}|`%libera', 'contact [nick]^{x}|`%libera'],
    ['libera', 'network libera'],
    ['irc.example.org', 'network irc.example.org'],
    ['#chan%irc.libera.chat', 'room #chan%irc.libera.chat'],
    ['nick%', 'none'],
    ['%libera', 'none'],
    ['#chan%unknown', 'none'],
    ['a b%libera', 'none'],
    ['#a,b%libera', 'none'],
    ['a\r\nQUIT%libera', 'none'],
    ['a\u0000%libera', 'none'],
    ['#a\u0007%-bad-.example', 'none'],
  ];
  for (const [text, expected] of READ) {
    test(`reads ${JSON.stringify(text)} as ${expected}`, () => assert.equal(shown(text), expected));
  }

  test('is written as it was read', () => {
    for (const text of ['#chan%irc.example.org', 'nick%libera', 'libera']) {
      const address = book.parse(text);
      assert.ok(address !== undefined);
      assert.equal(book.format(address), text);
    }
  });

  const TYPED: readonly (readonly [string, string | undefined])[] = [
    ['irc://irc.example.org/chan', '#chan%irc.example.org'],
    ['ircs://irc.example.org:6697/%23%23chan', '##chan%irc.example.org'],
    ['irc://irc.example.org/someone,isnick', 'someone%irc.example.org'],
    ['someone on libera', 'someone%libera'],
    ['#chan@libera', '#chan%libera'],
    ['#chan on IRC.libera.chat', '#chan%libera'],
    ['ircs://irc.libera.chat', 'libera'],
    ['someone', 'someone%libera'],
    ['two words here', undefined],
  ];
  for (const [text, expected] of TYPED) {
    test(`takes what people type: ${text}`, () => assert.equal(book.typed(text)?.id, expected));
  }

  test('of a room has a title without the sign that JIDs need', () => {
    assert.equal(book.title?.(roomId('#garden%libera')), '#garden (libera)');
  });
});
