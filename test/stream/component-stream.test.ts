import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { ComponentStream } from '../../src/stream/component-stream.ts';
import { xml } from '../../src/xml/element.ts';
import { serialize } from '../../src/xml/serialize.ts';
import { ComponentListener, HEADER } from './component-listener.ts';

const SECRET = 'sesame <öffne>';
const NS = 'jabber:client';

describe('a component stream', () => {
  let listener: ComponentListener;
  let stream: ComponentStream;
  let told: EventEmitter;
  let stanzas: string[];
  let log: string;

  beforeEach(async () => {
    listener = await ComponentListener.start();
    told = new EventEmitter();
    stanzas = [];
    log = '';
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        log += chunk.toString();
        callback();
        told.emit('logged');
      },
    });
    stream = new ComponentStream(
      {
        host: '127.0.0.1',
        port: listener.port,
        tls: false,
        domain: 'irc.localhost',
        secret: SECRET,
        log: pino({ level: 'trace' }, sink),
        random: () => 0,
      },
      {
        attached: () => told.emit('attached'),
        stanza: (stanza) => {
          stanzas.push(serialize(stanza, NS));
          told.emit('stanza');
        },
        oversized: (opening) => {
          stanzas.push(`oversized ${opening.attributes['id'] ?? ''}`);
          told.emit('stanza');
        },
        detached: () => told.emit('detached'),
      },
    );
  });

  afterEach(async () => {
    listener.stop();
    await stream.stop();
  });

  async function logged(text: RegExp): Promise<void> {
    while (!text.test(log)) await once(told, 'logged', { signal: AbortSignal.timeout(5_000) });
  }

  const presence = (from: string, to?: string): ReturnType<typeof xml> =>
    xml('presence', NS, { from, to });

  test('C01, C06: opens without a version and proves the secret by hash, with the id decoded', async () => {
    stream.start();
    const peer = await listener.connection();
    await peer.until('<stream:stream');
    assert.match(peer.received, /xmlns='jabber:component:accept'/);
    assert.match(peer.received, /to='irc.localhost'/);
    assert.doesNotMatch(peer.received.replace(/^<\?xml[^>]*>/, ''), /version/);
    peer.send(HEADER);
    const hash = createHash('sha1').update(`stream&1${SECRET}`).digest('hex');
    await peer.until(`<handshake>${hash}</handshake>`);
  });

  test('C08: takes stanzas that come in one packet with the answer to the handshake', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach(
      "<iq xmlns='jabber:client' type='get' id='1' from='localhost' to='irc.localhost'/><presence id='2'/>",
    );
    await attached;
    while (stanzas.length < 2) await once(told, 'stanza');
    assert.match(stanzas[0] ?? '', /^<iq type='get' id='1'/);
    assert.match(stanzas[1] ?? '', /^<presence id='2'/);
  });

  test('C08: writes nothing before it is attached', async () => {
    assert.equal(stream.send(presence('irc.localhost', 'a@localhost')), false);
    stream.start();
    const peer = await listener.connection();
    await peer.until('<stream:stream');
    assert.equal(stream.send(presence('irc.localhost', 'a@localhost')), false);
  });

  test('gathers the stanzas of one turn into one write', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    const before = peer.writes;
    for (let i = 0; i < 100; i++) {
      assert.ok(stream.send(presence('a@irc.localhost/x', `b${i}@localhost`)));
    }
    await peer.until("to='b99@localhost'");
    assert.equal(peer.writes, before + 1);
  });

  test('asks for patience when very much is written in one turn, until the server has it', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    const status = xml('status', NS, {}, ['x'.repeat(10_000)]);
    let written = 0;
    while (stream.drained === undefined) {
      assert.ok(
        stream.send(xml('presence', NS, { from: 'irc.localhost', to: 'a@localhost' }, [status])),
      );
      written += 1;
      assert.ok(written < 1_000, 'far from what is taken for a dead server');
    }
    await stream.drained;
    assert.equal(stream.drained, undefined);
    await peer.until('</presence>');
    assert.ok(stream.isAttached);
  });

  test('C09, C10: does not write a stanza for which servers close the stream', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    assert.throws(() => stream.send(presence('irc.localhost')), /without "to"/);
    assert.throws(() => stream.send(presence('a@localhost', 'b@localhost')), /not from/);
    const large = xml('message', NS, { from: 'irc.localhost', to: 'a@b' }, ['x'.repeat(600_000)]);
    assert.throws(() => stream.send(large), /too large/);
  });

  const SLOW = /"level":50.*"retryInSeconds":(?:[3-9]\d|\d{3})/;
  const SOON = /"level":40.*"retryInSeconds":[01],/;
  const REFUSALS: readonly (readonly [string, string, RegExp, RegExp])[] = [
    [
      'C02, C05: a name that the server does not serve, and tries again after minutes',
      'host-unknown',
      /the server has no component of this name.*component_secret/,
      SLOW,
    ],
    [
      'C03, C05: a name that is in use, by a ghost perhaps, and tries again soon',
      'conflict',
      /another component is attached/,
      SOON,
    ],
    [
      'C04, C05: a port that is not for components',
      'invalid-namespace',
      /not a port for components/,
      SLOW,
    ],
    [
      'C05, C07: a secret that is refused, and never shows it',
      'not-authorized',
      /gateways\[\]\.secret.*component_secret/,
      SLOW,
    ],
    ['C05, C13: a server that goes down, and tries again soon', 'system-shutdown', /down/, SOON],
  ];
  for (const [name, condition, advice, retry] of REFUSALS) {
    // With header, error and end in one packet.
    test(name, async () => {
      stream.start();
      const peer = await listener.connection();
      await peer.until('<stream:stream');
      peer.send(
        `${HEADER}<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
      );
      await logged(advice);
      assert.match(log, retry);
      assert.doesNotMatch(log, /sesame/);
      await peer.closed();
    });
  }

  test('C04: takes a port that speaks of clients for the wrong one, whatever it says besides', async () => {
    stream.start();
    const peer = await listener.connection();
    await peer.until('<stream:stream');
    peer.send(
      `${HEADER.replace(/xmlns='jabber:[^']*'/, "xmlns='jabber:client'")}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
    );
    await logged(/not a port for components/);
    assert.match(log, SLOW);
    await peer.closed();
  });

  test('C11: comes back by itself after the connection was cut within a stanza', async () => {
    stream.start();
    const first = await listener.connection();
    const attached = once(told, 'attached');
    await first.attach();
    await attached;
    const detached = once(told, 'detached');
    first.socket.end('<message><body>half a');
    await detached;
    const second = await listener.connection();
    const again = once(told, 'attached');
    await second.attach('<presence/>');
    await again;
    while (stanzas.length < 1) await once(told, 'stanza');
    assert.deepEqual(stanzas, ['<presence/>']);
  });

  test('C13: waits and comes back when the server ends the stream', async (context) => {
    stream.start();
    let peer = await listener.connection();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    for (const condition of ['system-shutdown', 'reset', 'connection-timeout']) {
      const attached = once(told, 'attached');
      await peer.attach();
      await attached;
      const detached = once(told, 'detached');
      peer.send(
        `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
      );
      await detached;
      assert.equal(listener.isIdle, true, 'not at once');
      context.mock.timers.tick(60_000);
      peer = await listener.connection();
    }
  });

  test('C14: skips a stanza of 2 MB and lives on', async () => {
    stream.start();
    const peer = await listener.connection();
    await peer.attach(
      `<message id='big'><body>${'x'.repeat(2_000_000)}</body></message><presence/>`,
    );
    while (stanzas.length < 2) await once(told, 'stanza');
    assert.deepEqual(stanzas, ['oversized big', '<presence/>']);
  });

  test('C14: skips a stanza whose prefix nobody has declared, and lives on', async () => {
    stream.start();
    const peer = await listener.connection();
    await peer.attach(`<message id='odd'><x:y/></message><presence/>`);
    while (stanzas.length < 2) await once(told, 'stanza');
    assert.deepEqual(stanzas, ['oversized odd', '<presence/>']);
  });

  const HOSTILE: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]>', 'restricted-xml'],
    ['a comment', '<!-- x -->', 'restricted-xml'],
    ['a processing instruction', '<?php x?>', 'restricted-xml'],
    ['an entity that nobody declared', '<message><body>&x;</body></message>', 'not-well-formed'],
    [
      'bytes that are no UTF-8',
      Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0xfe),
      'unsupported-encoding',
    ],
  ];
  test('C18: ends the stream over XML that is hostile with an error that says so, and comes back', async (context) => {
    stream.start();
    let peer = await listener.connection();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    for (const [what, bytes, condition] of HOSTILE) {
      const attached = once(told, 'attached');
      await peer.attach();
      await attached;
      const detached = once(told, 'detached');
      peer.send(bytes);
      await peer.until(`<stream:error><${condition} `);
      peer.socket.end();
      await detached;
      context.mock.timers.tick(600_000);
      peer = await listener.connection();
      assert.ok(what);
    }
    assert.deepEqual(stanzas, []);
  });

  test('C18: skips a stanza that is nested too deep, tells whose it was, and lives on', async () => {
    stream.start();
    const peer = await listener.connection();
    // As deep as fits into what servers let clients send.
    const deep = `${'<a>'.repeat(70_000)}${'</a>'.repeat(70_000)}`;
    await peer.attach(`<iq id='deep'>${deep}</iq><presence/>`);
    while (stanzas.length < 2) await once(told, 'stanza');
    assert.deepEqual(stanzas, ['oversized deep', '<presence/>']);
  });

  test('puts together a character that was cut by the end of a packet', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    const bytes = Buffer.from('<message><body>ü👋</body></message>');
    for (const byte of bytes) {
      peer.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (stanzas.length < 1) await once(told, 'stanza');
    assert.deepEqual(stanzas, ['<message><body>ü👋</body></message>']);
  });

  test('C12: pings a silent server, and gives it up when nothing at all comes', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    context.mock.timers.tick(30_000);
    await peer.until('urn:xmpp:ping');
    const id = / id='([^']+)'[^>]*><ping/.exec(peer.received)?.[1] ?? '';
    peer.send(`<iq type='result' id='${id}' from='mallory@localhost' to='irc.localhost'/>`);
    peer.send(`<iq type='result' id='${id}' from='localhost' to='irc.localhost'/><presence/>`);
    while (stanzas.length < 2) await once(told, 'stanza');
    assert.match(stanzas[0] ?? '', /mallory/);
    assert.equal(stanzas[1], '<presence/>');
    const detached = once(told, 'detached');
    context.mock.timers.tick(60_000);
    await detached;
  });

  test('C17: says farewell when stopped, and never logs the secret', async () => {
    stream.start();
    const peer = await listener.connection();
    const attached = once(told, 'attached');
    await peer.attach();
    await attached;
    stream.send(presence('irc.localhost', 'a@localhost'));
    const stopped = stream.stop();
    await peer.until("to='a@localhost'/></stream:stream>");
    peer.socket.end();
    await stopped;
    assert.doesNotMatch(log, /sesame|handshake>/);
  });
});
