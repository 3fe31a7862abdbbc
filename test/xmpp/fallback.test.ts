import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codePoints, fallbackElement, partBody } from '../../src/xmpp/fallback.ts';
import { NS_FALLBACK, NS_REPLY } from '../../src/xmpp/namespaces.ts';
import { xml } from '../../src/xml/element.ts';

const part = (start?: string, end?: string): ReturnType<typeof xml> =>
  xml('fallback', NS_FALLBACK, { for: NS_REPLY }, [xml('body', NS_FALLBACK, { start, end })]);

/** XEP-0428. */
describe('fallback', () => {
  test('the part of a body that stands in for a protocol is taken out', () => {
    assert.deepEqual(partBody('> hi\nyes', [part('0', '5')], NS_REPLY), {
      text: 'yes',
      fallback: '> hi\n',
    });
  });

  test('positions count code points, not halves of pairs', () => {
    assert.equal(partBody('> 😀\nyes', [part('0', '4')], NS_REPLY).text, 'yes');
    assert.equal(codePoints('a😀b'), 3);
  });

  test('several parts are taken out, in whatever order they stand', () => {
    assert.equal(partBody('abcdef', [part('4', '5'), part('0', '2')], NS_REPLY).text, 'cdf');
    assert.equal(partBody('abcdef', [part('0', '3'), part('1', '2')], NS_REPLY).text, 'def');
  });

  test('without positions all of the body is meant, by the part or by its absence', () => {
    assert.equal(partBody('abc', [part()], NS_REPLY).text, '');
    assert.equal(partBody('abc', [fallbackElement(NS_REPLY)], NS_REPLY).text, '');
    const subject = xml('fallback', NS_FALLBACK, { for: NS_REPLY }, [xml('subject', NS_FALLBACK)]);
    assert.equal(partBody('abc', [subject], NS_REPLY).text, 'abc');
  });

  test('positions that make no sense take nothing that is not there', () => {
    for (const [start, end, rest] of [
      ['3', '1', 'abc'],
      ['0', '99', ''],
      ['-5', '1', 'bc'],
      ['x', '1', 'bc'],
      ['1', 'x', 'abc'],
    ] as const) {
      assert.equal(partBody('abc', [part(start, end)], NS_REPLY).text, rest, `${start} ${end}`);
    }
  });

  test('what stands in for another protocol stays', () => {
    assert.equal(partBody('abc', [part()], 'urn:other').text, 'abc');
  });
});
