import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { xml } from '../../src/xml/element.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { partBody } from '../../src/xmpp/fallback.ts';
import { messageParts } from '../../src/xmpp/message-parts.ts';
import { NS_CLIENT, NS_FALLBACK, NS_OOB, NS_REPLY } from '../../src/xmpp/namespaces.ts';

const message = (children: readonly XmlElement[]): XmlElement =>
  xml('message', NS_CLIENT, {}, children);
const link = (url: string): XmlElement => xml('x', NS_OOB, {}, [xml('url', NS_OOB, {}, [url])]);

/** What a text costs that has so many parts standing in for a protocol, all of them at its end. */
function costMs(count: number): number {
  const body = 'a'.repeat(count);
  const range = { start: String(count - 1), end: String(count) };
  const fallback = xml('fallback', NS_FALLBACK, { for: NS_REPLY }, [
    xml('body', NS_FALLBACK, range),
  ]);
  const stanza = message(Array.from({ length: count }, () => fallback));
  const before = process.cpuUsage();
  partBody(body, messageParts(stanza).fallbacks, NS_REPLY);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

describe('the parts of a message', () => {
  test('several links and fallbacks are read in their order, and those of two messages kept apart', () => {
    const first = messageParts(message([link('https://a.example/'), link('https://b.example/')]));
    const second = messageParts(message([link('https://c.example/')]));
    const none = messageParts(message([]));
    assert.deepEqual(
      [first, second, none].map(({ links }) => links.map(({ url }) => url)),
      [['https://a.example/', 'https://b.example/'], ['https://c.example/'], []],
    );
  });

  test('thousands of fallbacks cost what they are many, not the square of it', () => {
    costMs(1_000);
    const few = Math.max(1, costMs(2_000));
    const many = costMs(40_000);
    assert.ok(many < few * 100, `2,000 took ${few} ms, 40,000 took ${many} ms`);
  });
});
