import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XmlInbox } from './xml-inbox.ts';
import { matches } from './xml-subset-matcher.ts';
import { inNamespace, parseXml, serialise } from './xml-tree.ts';

const MESSAGE = parseXml(
  "<message from='a@b/c' type='chat' id='1'><body>Hello, world</body><x xmlns='urn:x'/></message>",
);

const ACCEPTED = [
  '<message/>',
  "<message type='chat'><body/></message>",
  "<message from='a@b/{any}'><x xmlns='urn:x'/><body>Hello{any}</body></message>",
  "<message to='{none}'><any/></message>",
];

const REFUSED = [
  '<presence/>',
  "<message type='groupchat'/>",
  "<message to='{any}'/>",
  "<message id='{none}'/>",
  '<message><body>Hello</body></message>',
  '<message><x/></message>',
  '<message><body/><body/></message>',
  "<message xmlns='urn:y'/>",
];

for (const pattern of ACCEPTED) {
  test(`accepts ${pattern}`, () => assert.ok(matches(MESSAGE, pattern)));
}

for (const pattern of REFUSED) {
  test(`refuses ${pattern}`, () => assert.ok(!matches(MESSAGE, pattern)));
}

test('a tree survives being written and read', () => {
  const text = `<m a="&lt;&quot;&amp;" xml:lang="de"><x xmlns="urn:x"><y>ä &gt; 😀</y></x><z/></m>`;
  assert.deepEqual(parseXml(serialise(parseXml(text))), parseXml(text));
});

test('a stanza wrapped in a foreign element keeps its namespace', () => {
  const wrapped = "<message><f xmlns='urn:f'><message xmlns='jabber:client'/></f><body/></message>";
  const moved = serialise(inNamespace(parseXml(wrapped), 'jabber:client', 'urn:n'), 'urn:n');
  assert.equal(
    moved,
    '<message><f xmlns="urn:f"><message xmlns="jabber:client"/></f><body/></message>',
  );
});

test('a failed expectation lists what was received instead', async () => {
  const inbox = new XmlInbox('jabber:client');
  inbox.push(MESSAGE);
  await assert.rejects(inbox.expect('<presence/>', 1), (error: Error) => {
    assert.match(error.message, /expecting\s+<presence\/>[^]*<body>Hello, world<\/body>/);
    return true;
  });
});
