import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { messageId } from 'causeway/plugin';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { fileOf } from '../loopback/network.ts';

const ROMEO = `romeo@${LOOP}`;
const PUBLIC = 'https://gw.example.org';
const OOB = 'jabber:x:oob';

describe('files that go with messages', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  let server: Server;
  let host = '';
  const shown = new Map<string | undefined, string>();
  before(async () => {
    server = createServer((request, response) => {
      if (request.url === '/cat.png') {
        response.writeHead(200, { 'content-type': 'image/png' }).end('a picture');
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    host = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    world = await LoopbackWorld.start({
      options: [
        'delivery: stored',
        'maxFiles: 2',
        'features: [files, also, thread, subject, receipts, changeContact]',
      ],
      config: [
        `http: { listen: "127.0.0.1:0", publicUrl: ${PUBLIC} }`,
        `media: { trustedHosts: ["${host}"] }`,
      ],
    });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  });
  after(async () => {
    await world.stop();
    server.close();
  });

  const sent = (): Promise<{ readonly args: readonly unknown[] }> => world.network.expect('send');

  test('are fetched when the network takes the message, and their address is no text', async () => {
    const url = `http://${host}/cat.png`;
    alice.send(
      `<message type='chat' to='${ROMEO}'><body>${url}</body><x xmlns='${OOB}'><url>${url}</url></x></message>`,
    );
    const { args } = await sent();
    const message = args[1] as { text: string; files: readonly { name: string; type: string }[] };
    assert.equal(message.text, '');
    await until(() => world.network.files.length === 1);
    assert.deepEqual(world.network.files[0], {
      name: 'cat.png',
      type: 'image/png',
      text: 'a picture',
    });
  });

  test('are known by what a client tells of them (XEP-0447)', async () => {
    const url = `http://${host}/cat.png`;
    alice.send(
      `<message type='chat' to='${ROMEO}'><body>${url}</body><file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/webp</media-type><name>../cat of mine.webp</name><size>9</size></file><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='${url}'/></sources></file-sharing><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback></message>`,
    );
    const { args } = await sent();
    const { text, files } = args[1] as { text: string; files: readonly Record<string, unknown>[] };
    assert.equal(text, '');
    const { name, type, sizeBytes } = files[0] ?? {};
    assert.deepEqual([name, type, sizeBytes], ['cat of mine.webp', 'image/webp', 9]);
  });

  test('come under their subject, where nothing else was said', async () => {
    world.network.tell('alice', 'romeo', '', {
      id: messageId('s1'),
      subject: 'Holiday',
      files: [fileOf('beach.png', 'image/png', 'sand')],
    });
    await alice.expect(
      `<message type='chat' from='${ROMEO}'><subject>Holiday</subject><body>Holiday</body></message>`,
    );
    await alice.expect(
      `<message type='chat' from='${ROMEO}'><x xmlns='${OOB}'><url/></x></message>`,
    );
  });

  test('are not fetched from where they must not be: the user is told', async () => {
    const url = 'http://169.254.169.254/latest/meta-data/';
    alice.send(
      `<message type='chat' id='ssrf' to='${ROMEO}'><body>${url}</body><x xmlns='${OOB}'><url>${url}</url></x></message>`,
    );
    await alice.expect(`<message type='error' id='ssrf' from='${ROMEO}'/>`);
  });

  test('are refused when there are more than the network takes', async () => {
    const links = [1, 2, 3].map((n) => `<x xmlns='${OOB}'><url>http://${host}/${n}</url></x>`);
    alice.send(
      `<message type='chat' id='many' to='${ROMEO}'><body>All</body>${links.join('')}</message>`,
    );
    await alice.expect(
      `<message type='error' id='many'><error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
  });

  test('N28: of the network are offered at an address of ours, each in a stanza of its own, with OOB and marked fallback', async () => {
    world.network.tell('alice', 'romeo', 'Look', {
      id: messageId('f1'),
      thread: 'T1',
      files: [fileOf('../Grüße "x".html', 'text/html', '<script>alert(1)</script>')],
    });
    const text = await alice.expect(
      `<message type='chat' from='${ROMEO}'><body>Look</body><thread>T1</thread></message>`,
    );
    const file = await alice.expect(
      `<message type='chat' from='${ROMEO}'><x xmlns='${OOB}'><url/></x><file-sharing xmlns='urn:xmpp:sfs:0' disposition='attachment'><file xmlns='urn:xmpp:file:metadata:0'><media-type>text/html</media-type><name>Grüße _x_.html</name><size>25</size></file></file-sharing><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'/><thread>T1</thread></message>`,
    );
    assert.equal(file.attrs['id'], `${text.attrs['id']}-2`);
    const url = bodyOf(file);
    assert.ok(url.startsWith(`${PUBLIC}/media/`), url);
    const path = url.slice(PUBLIC.length);
    const response = await fetch(`${world.web}${path}`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '<script>alert(1)</script>');
    assert.deepEqual(
      [
        'content-type',
        'content-length',
        'content-disposition',
        'content-security-policy',
        'x-content-type-options',
      ].map((name) => response.headers.get(name)),
      [
        'text/html',
        '25',
        `attachment; filename="Gr__e _x_.html"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20_x_.html`,
        "default-src 'none'; sandbox",
        'nosniff',
      ],
    );
    const part = await fetch(`${world.web}${path}`, { headers: { range: 'bytes=1-6' } });
    assert.deepEqual([part.status, await part.text()], [206, 'script']);
    const outside = await fetch(`${world.web}${path}`, { headers: { range: 'bytes=99-' } });
    assert.equal(outside.status, 416);
    const head = await fetch(`${world.web}${path}`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '25']);
    const tampered = await fetch(
      `${world.web}${path.replace(/\.(\w)/, (_, c: string) => `.${c === 'a' ? 'b' : 'a'}`)}`,
    );
    assert.equal(tampered.status, 404);
  });

  test('of the network alone are the first stanza', async () => {
    world.network.tell('alice', 'romeo', '', {
      id: messageId('f2'),
      files: [fileOf('a.png', 'image/png', 'png')],
    });
    const file = await alice.expect(
      `<message type='chat' from='${ROMEO}'><file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'/></message>`,
    );
    assert.match(file.attrs['id'] ?? '', /^[\w-]{22}$/);
    assert.match(bodyOf(file), /\/a\.png$/);
    shown.set(file.attrs['id'], bodyOf(file));
  });

  test('are at the same address whenever the message is told again', async () => {
    await world.stopGateway();
    await world.startGateway();
    alice.send(`<presence to='${LOOP}'/>`);
    await until(() => world.network.isOnline('alice'));
    world.network.tell('alice', 'romeo', '', {
      id: messageId('f2'),
      files: [fileOf('a.png', 'image/png', 'png')],
    });
    world.network.tell('alice', 'romeo', 'end', { id: messageId('f3') });
    await alice.expect(`<message type='chat' from='${ROMEO}'><body>end</body></message>`);
    // What was not proven before the restart comes again, as it was.
    for (const again of alice.unclaimed.filter(({ attrs }) => attrs['from'] === ROMEO)) {
      const known = shown.get(again.attrs['id']);
      if (known === undefined) assert.doesNotMatch(bodyOf(again), /a\.png$/);
      else assert.equal(bodyOf(again), known);
    }
  });

  test('go away with the user who unregisters', async () => {
    const bob = await world.client('bob');
    await world.register(bob);
    world.network.tell('bob', 'romeo', '', {
      id: messageId('g1'),
      files: [fileOf('b.png', 'image/png', 'png')],
    });
    const path = bodyOf(await bob.expect(`<message type='chat' from='${ROMEO}'/>`)).slice(
      PUBLIC.length,
    );
    assert.equal((await fetch(`${world.web}${path}`)).status, 200);
    await bob.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    assert.equal((await fetch(`${world.web}${path}`)).status, 404);
  });
});

describe('several recipients', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const begin = async (features: string): Promise<void> => {
    world = await LoopbackWorld.start({ options: ['delivery: stored', `features: [${features}]`] });
    alice = await world.client('alice');
    await world.register(alice);
    for (const name of ['romeo', 'tybalt', 'nurse']) world.network.meet(name);
  };
  const write = (id: string, addresses: string): void =>
    alice.send(
      `<message type='chat' id='${id}' to='${ROMEO}'><body>All of you</body><addresses xmlns='http://jabber.org/protocol/address'>${addresses}</addresses></message>`,
    );
  const address = (type: string, jid: string): string => `<address type='${type}' jid='${jid}'/>`;

  test('all get a message, and those refused are named to its sender', async () => {
    await begin('also');
    write(
      'm1',
      address('to', ROMEO) +
        address('cc', `tybalt@${LOOP}`) +
        `<address type='bcc' uri='loop:nurse'/>` +
        address('to', `nobody@${LOOP}`) +
        address('replyto', 'elsewhere@example.org'),
    );
    await alice.expect(
      `<message type='error' id='m1' from='${ROMEO}'><error><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Not delivered to nobody: Nobody is there.</text></error></message>`,
    );
    for (const name of ['romeo', 'tybalt', 'nurse']) {
      assert.deepEqual(world.network.heard(name), ['All of you'], name);
    }
    await world.stop();
  });

  test('XEP-0033 §4: a message to the gateway itself goes to all whom it names and who do not have it yet', async () => {
    await begin('also');
    const info = await alice.iq(
      `<iq type='get' to='${LOOP}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
    );
    assert.ok(JSON.stringify(info).includes('http://jabber.org/protocol/address'));
    const multicast = (id: string, addresses: string): void =>
      alice.send(
        `<message id='${id}' to='${LOOP}'><body>${id}</body><addresses xmlns='http://jabber.org/protocol/address'>${addresses}</addresses></message>`,
      );
    multicast(
      'm1',
      `<address type='to' jid='bob@localhost' delivered='true'/>` +
        address('cc', `tybalt@${LOOP}`) +
        address('bcc', `nurse@${LOOP}`) +
        address('to', ROMEO),
    );
    const { args } = await world.network.expect('send');
    assert.deepEqual(args[0], { kind: 'contact', id: 'romeo' });
    await until(() => world.network.heard('nurse').length === 1);
    for (const name of ['romeo', 'tybalt']) assert.deepEqual(world.network.heard(name), ['m1']);
    // Of several who are to have blind copies, none is shown to the others.
    const blind = address('bcc', ROMEO) + address('bcc', `nurse@${LOOP}`);
    const unnamed =
      'Say to whom your message goes: name somebody who is not hidden from the others.';
    for (const [id, addresses, why] of [
      ['m2', blind, unnamed],
      [
        'm3',
        address('to', 'somebody@example.org') + address('cc', ROMEO),
        'somebody@example.org is no address on this network.',
      ],
      ['m4', '', unnamed],
    ] as const) {
      multicast(id, addresses);
      await alice.expect(
        `<message type='error' id='${id}' from='${LOOP}'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>${why}</text></error></message>`,
      );
    }
    assert.deepEqual(world.network.heard('romeo'), ['m1']);
    await world.stop();
  });

  test('one who is not to be reached keeps the message from all', async () => {
    await begin('also');
    write('m1', address('to', 'somebody@example.org'));
    await alice.expect(
      `<message type='error' id='m1'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    assert.deepEqual(world.network.heard('romeo'), []);
    await world.stop();
  });

  test('are refused where the network knows but one', async () => {
    await begin('receipts');
    write('m1', address('cc', `tybalt@${LOOP}`));
    await alice.expect(
      `<message type='error' id='m1'><error><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    write('m2', address('to', ROMEO));
    await until(() => world.network.heard('romeo').length === 1);
    await world.stop();
  });

  test('of a message from the network are shown to the user', async () => {
    await begin('also');
    world.network.tell('alice', 'romeo', 'Hello, all', {
      id: messageId('n1'),
      also: [
        { contact: world.network.meet('tybalt'), role: 'cc', name: 'Tybalt' },
        { contact: world.network.meet('nurse'), role: 'bcc' },
      ],
    });
    const message = await alice.expect(
      `<message type='chat' from='${ROMEO}'><body>Hello, all</body><addresses xmlns='http://jabber.org/protocol/address'><address type='cc' jid='tybalt@${LOOP}' desc='Tybalt' delivered='true'/></addresses></message>`,
    );
    assert.ok(!JSON.stringify(message).includes('nurse'), 'nobody is told of blind copies');
    await world.stop();
  });
});

function bodyOf(message: { readonly children: readonly unknown[] }): string {
  return /"name":"body".*?"children":\["([^"]*)"/.exec(JSON.stringify(message))?.[1] ?? '';
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) assert.fail('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
