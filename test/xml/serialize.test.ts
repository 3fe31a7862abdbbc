import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xml } from '../../src/xml/element.ts';
import { serialize } from '../../src/xml/serialize.ts';

test('declares a namespace only where it changes', () => {
  const element = xml('iq', 'a', { id: '1' }, [
    xml('query', 'b', {}, [xml('item', 'b')]),
    xml('x', 'a'),
  ]);
  assert.equal(serialize(element, 'a'), "<iq id='1'><query xmlns='b'><item/></query><x/></iq>");
});

test('escapes text and attributes so that they come back as they were', () => {
  const element = xml('a', '', { b: `<'"&>\n\t` }, [`<&>'"\r`]);
  assert.equal(
    serialize(element),
    "<a b='&lt;&apos;&quot;&amp;&gt;&#10;&#9;'>&lt;&amp;&gt;&apos;&quot;&#13;</a>",
  );
});

test('replaces what XML cannot hold: control characters and halves of pairs', () => {
  assert.equal(serialize(xml('a', '', {}, ['\u0000b\ud800c\udc00d\uffff👋'])), '<a>�b�c�d�👋</a>');
});

test('declares a prefix for each attribute of another namespace', () => {
  const element = xml('a', 'x', { id: '1', '{urn:o}b': '2', '{urn:o}c': '3', '{urn:p}b': `'` });
  assert.equal(
    serialize(element, 'x'),
    "<a id='1' xmlns:p1='urn:o' p1:b='2' xmlns:p2='urn:o' p2:c='3' xmlns:p3='urn:p' p3:b='&apos;'/>",
  );
});
