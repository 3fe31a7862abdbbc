import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXml, serialize } from './xml-element.ts';
import { matchXml, mismatch, NS_OF_LITERALS } from './xml-matcher.ts';

const STANZA = parseXml(
  `<message from='a@b/c' type='chat'><body>one &amp; two</body><body xml:lang='de'>eins</body>
   <x xmlns='jabber:x:data' type='form'><field var='nick'><required/></field></x></message>`,
  NS_OF_LITERALS,
);

const MATCHING = [
  `<message/>`,
  `<message from='a@b/c'/>`,
  `<message from='{any}' id='{none}'><body>{any}</body></message>`,
  `<message><body>eins</body><body>one &amp; two</body></message>`,
  `<message><x xmlns='jabber:x:data'><field var='nick'/></x></message>`,
  `<message><any/><any/><any/></message>`,
];

const DIFFERENT: readonly (readonly [literal: string, reason: RegExp])[] = [
  [`<presence/>`, /is not <presence>/],
  [`<message xmlns='jabber:server'/>`, /is in jabber:client, not in jabber:server/],
  [`<message to='{any}'/>`, /has no to/],
  [`<message type='{none}'/>`, /has type='chat'/],
  [`<message from='a@b'/>`, /has from='a@b\/c', not 'a@b'/],
  [`<message><body>one</body></message>`, /<body> says 'one & two', not 'one'/],
  [`<message><body>eins</body><body>eins</body></message>`, /says 'one & two'/],
  [`<message><x xmlns='jabber:x:oob'/></message>`, /is in jabber:x:data, not in jabber:x:oob/],
  [`<message><thread/></message>`, /has no <thread/],
  [`<message><any/><any/><any/><any/></message>`, /has no <any/],
];

for (const literal of MATCHING) {
  test(`matches ${literal}`, () => assert.equal(mismatch(STANZA, literal), undefined));
}

for (const [literal, reason] of DIFFERENT) {
  test(`does not match ${literal}`, () => assert.match(mismatch(STANZA, literal) ?? '', reason));
}

test('an error of the matcher shows what was expected and what came', () => {
  assert.throws(
    () => matchXml(STANZA, `<iq/>`),
    /expected <iq\/>[^]*received <message from='a@b\/c'/,
  );
});

test('what is written can be read again, with namespaces, prefixes and white space', () => {
  const xml = `<a xmlns='urn:a' xml:lang='en' xmlns:p='urn:p' p:q='1'> <b xmlns='urn:b'>&lt;&apos;</b>\n</a>`;
  const once = parseXml(xml);
  assert.deepEqual(parseXml(serialize(once)), once);
});

test('a literal that is not well-formed is the error of the test', () => {
  assert.throws(() => parseXml('<a><b></a>'), /in XML literal/);
  assert.throws(() => parseXml(''), /in XML literal/);
});
