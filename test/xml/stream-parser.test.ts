import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serialize } from '../../src/xml/serialize.ts';
import { DEFAULT_LIMITS, StreamParser } from '../../src/xml/stream-parser.ts';

const OPEN = `<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='a&amp;b'>`;

/** What a parser tells, as lines. */
function eventsOf(chunks: readonly Uint8Array[]): string[] {
  const events: string[] = [];
  const parser = new StreamParser(
    {
      opened: (root) => events.push(`opened ${root.name} ${root.attributes['id'] ?? ''}`),
      element: (element) => events.push(`element ${serialize(element)}`),
      oversized: (opening, reason) => events.push(`oversized ${serialize(opening)} ${reason}`),
      closed: () => events.push('closed'),
      failed: ({ condition }) => events.push(`failed ${condition}`),
    },
    { aliases: { 'jabber:component:accept': 'jabber:client' } },
  );
  for (const chunk of chunks) parser.write(chunk);
  return events;
}

const read = (text: string): string[] => eventsOf([Buffer.from(text)]);
const afterOpen = (text: string): string[] => read(OPEN + text).slice(1);

const XML = 'http://www.w3.org/XML/1998/namespace';

describe('the parser of a stream', () => {
  test('tells the same whatever the size of the pieces, within characters too', () => {
    const document = Buffer.from(
      `${OPEN}<message to='a@b'><body>grüße 👋🏽 &lt;&#x1F600;<![CDATA[<x>]]></body></message> <presence/></stream:stream>`,
    );
    const whole = eventsOf([document]);
    assert.equal(whole.length, 4);
    assert.match(whole[1] ?? '', /grüße 👋🏽 &lt;😀&lt;x&gt;/);
    for (let cut = 1; cut < document.length; cut++) {
      assert.deepEqual(eventsOf([document.subarray(0, cut), document.subarray(cut)]), whole);
    }
    assert.deepEqual(eventsOf([...document].map((byte) => Uint8Array.of(byte))), whole);
  });

  test('decodes the entities of attributes', () => {
    assert.deepEqual(read(OPEN), ['opened stream a&b']);
  });

  test('reads stanzas of a component stream as those of clients', () => {
    assert.deepEqual(afterOpen('<iq><ping xmlns="urn:xmpp:ping"/></iq>'), [
      "element <iq xmlns='jabber:client'><ping xmlns='urn:xmpp:ping'/></iq>",
    ]);
  });

  const FAULTS: readonly (readonly [string, string, string])[] = [
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]>', 'failed'],
    ['a comment', '<!-- x -->', 'failed restricted-xml'],
    ['a processing instruction', '<?php x ?>', 'failed restricted-xml'],
    ['an unknown entity', '<a>&nbsp;</a>', 'failed not-well-formed'],
    ['tags that do not match', '<a></b>', 'failed not-well-formed'],
    ['a control character', '<a>\u0001</a>', 'failed not-well-formed'],
    ['a repeated attribute', "<a b='1' b='2'/>", 'failed not-well-formed'],
  ];
  for (const [what, text, expected] of FAULTS) {
    test(`refuses ${what}, and hears nothing after it`, () => {
      const events = afterOpen(`${text}<presence/>`);
      assert.equal(events.length, 1);
      assert.match(events[0] ?? '', new RegExp(`^${expected}`));
    });
  }

  const MISNAMED: readonly (readonly [string, string])[] = [
    ['an unbound prefix', '<iq><x:a/></iq>'],
    ['an attribute of an unbound prefix', "<iq x:a='1'/>"],
    ['another prefix for what xml stands for', `<iq><x xmlns:p='${XML}' p:a='1'/></iq>`],
    ['the namespace of xml as the default one', `<iq><x xmlns='${XML}'/></iq>`],
    ['a prefix without a namespace', "<iq><x xmlns:p=''/></iq>"],
    ['xmlns as a prefix', "<iq><x xmlns:xmlns='u'/></iq>"],
    ['two attributes of one name', "<iq><x xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'><y/></x></iq>"],
    ['names that no other mends', "<iq><x:a xmlns:y='u'>z<y:a/></x:a><x:b/></iq>"],
  ];
  for (const [what, text] of MISNAMED) {
    test(`skips a stanza with ${what}, and reads on`, () => {
      const events = afterOpen(`${text}<presence xmlns:p='u' p:a='1'/>`);
      assert.equal(events.length, 2);
      assert.match(events[0] ?? '', /^oversized <iq .* The names in the stanza are no good XML\.$/);
      assert.match(events[1] ?? '', /^element <presence /);
    });
  }

  test('refuses names in the root that are none', () => {
    assert.deepEqual(read("<x:stream xmlns='u'>"), ['failed not-well-formed']);
    assert.deepEqual(read(`<stream xmlns='${XML}'>`), ['failed not-well-formed']);
  });

  test('refuses a document type before the root', () => {
    const events = read('<!DOCTYPE stream><stream/>');
    assert.deepEqual(events, ['failed restricted-xml']);
  });

  test('refuses bytes that are no UTF-8', () => {
    const events = eventsOf([Buffer.from(OPEN), Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xfe])]);
    assert.deepEqual(events.slice(1), ['failed unsupported-encoding']);
  });

  test('skips a stanza of 2 MB, tells whose it was, and reads on', () => {
    const text = `<message from='a@b' id='1'><body>${'x'.repeat(2_000_000)}</body></message><presence/>`;
    assert.deepEqual(afterOpen(text), [
      "oversized <message xmlns='jabber:client' from='a@b' id='1'/> The stanza is too large.",
      "element <presence xmlns='jabber:client'/>",
    ]);
  });

  test('skips 70,000 nested elements and reads on', () => {
    const text = `<iq id='1'>${'<a>'.repeat(70_000)}${'</a>'.repeat(70_000)}</iq><presence/>`;
    assert.deepEqual(afterOpen(text), [
      "oversized <iq xmlns='jabber:client' id='1'/> The stanza is nested too deeply.",
      "element <presence xmlns='jabber:client'/>",
    ]);
  });

  test('skips a stanza with too many attributes or parts', () => {
    const many = Array.from({ length: DEFAULT_LIMITS.attributes + 1 }, (_, i) => `a${i}='1'`);
    const parts = '<a/>'.repeat(DEFAULT_LIMITS.nodes + 1);
    const events = afterOpen(`<iq ${many.join(' ')}/><iq>${parts}</iq><presence/>`);
    assert.match(events[0] ?? '', /too many attributes/);
    assert.match(events[1] ?? '', /too many parts/);
    assert.match(events[2] ?? '', /presence/);
  });

  test('gives up on a stanza that never ends', () => {
    const piece = Buffer.from('x'.repeat(1_000_000));
    const events = eventsOf([
      Buffer.from(`${OPEN}<message><body>`),
      ...Array<Buffer>(10).fill(piece),
    ]);
    assert.deepEqual(events.slice(1), ['failed policy-violation']);
  });

  test('reads many small stanzas as one large piece', () => {
    const events = afterOpen('<presence/>'.repeat(100_000));
    assert.equal(events.length, 100_000);
    assert.ok(events.every((event) => event.startsWith('element')));
  });

  test('keeps attributes of other namespaces, whatever their prefix was and wherever it was declared', () => {
    const events = afterOpen(
      `<a p:b='1' xml:lang='de' b='2' xmlns:p='urn:p' xmlns:q='urn:}q' q:b='3'><c q:d='&lt;'/></a>`,
    );
    assert.deepEqual(events, [
      "element <a xmlns='jabber:client' xml:lang='de' b='2' xmlns:p3='urn:p' p3:b='1' xmlns:p4='urn:}q' p4:b='3'><c xmlns:p1='urn:}q' p1:d='&lt;'/></a>",
    ]);
  });

  test('keeps attributes and namespaces that are called like something of JavaScript', () => {
    const text = `<a __proto__='1' constructor='2' toString='3'/><a xmlns='constructor'/><a xmlns='__proto__'/>`;
    assert.deepEqual(afterOpen(text), [
      "element <a xmlns='jabber:client' __proto__='1' constructor='2' toString='3'/>",
      "element <a xmlns='constructor'/>",
      "element <a xmlns='__proto__'/>",
    ]);
  });

  test('gives attributes that nobody has sent as undefined, whatever they are called', () => {
    let seen: unknown[] = [];
    const ignore = (): void => undefined;
    const parser = new StreamParser({
      opened: ({ attributes }) => (seen = ['constructor', '__proto__'].map((k) => attributes[k])),
      element: ignore,
      oversized: ignore,
      closed: ignore,
      failed: ignore,
    });
    parser.write(Buffer.from("<stream id='1'>"));
    assert.deepEqual(seen, [undefined, undefined]);
  });

  test('refuses a wrong end tag of the root, and does not take it for the end of the stream', () => {
    assert.deepEqual(afterOpen('</stream:other>'), ['failed not-well-formed']);
    assert.deepEqual(afterOpen('</stream:stream>'), ['closed']);
  });

  test('refuses an & that begins nothing at once, without waiting for a semicolon', () => {
    assert.deepEqual(afterOpen('<message><body>this & that'), ['failed not-well-formed']);
  });

  test('tells what came before bytes that are no UTF-8, in the same piece', () => {
    const document = Buffer.concat([Buffer.from(`${OPEN}<presence/>é`), Buffer.from([0xc3, 0x28])]);
    assert.deepEqual(eventsOf([document]).slice(1), [
      "element <presence xmlns='jabber:client'/>",
      'failed unsupported-encoding',
    ]);
  });

  test('measures a stanza by its own characters, whatever comes with it in a piece', () => {
    const exact = `<a>${'x'.repeat(DEFAULT_LIMITS.stanzaSize - 7)}</a>`;
    const [first, second] = afterOpen(`<b/> ${exact} <b/>${exact.replace('x', 'xx')}`).filter(
      (event) => event.length > 100 || event.startsWith('oversized'),
    );
    assert.match(first ?? '', /^element <a/);
    assert.match(second ?? '', /^oversized <a.* The stanza is too large\.$/);
  });

  test('takes a bug of its handler for a fault, as nothing can be told of it by throwing', () => {
    const conditions: string[] = [];
    const parser = new StreamParser({
      opened: () => undefined,
      element: () => {
        throw new Error('a bug');
      },
      oversized: () => undefined,
      closed: () => undefined,
      failed: ({ condition }) => conditions.push(condition),
    });
    parser.write(Buffer.from('<stream><a/><b/>'));
    parser.write(Buffer.from('<c/>'));
    assert.deepEqual(conditions, ['internal-server-error']);
  });
});
