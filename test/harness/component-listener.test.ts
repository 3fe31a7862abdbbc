import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startComponentListener } from './component-listener.ts';

const HEADER = `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='irc.localhost'>`;

test('a script plays the server: header, handshake, stanzas, end', async (t) => {
  const listener = await startComponentListener();
  t.after(() => listener.stop());
  const socket = connect(listener.port, '127.0.0.1');
  socket.on('data', (bytes) => {
    const id = / id='([^']+)'/.exec(bytes.toString())?.[1];
    if (id === undefined) return;
    const hash = createHash('sha1').update(`${id}secret`).digest('hex');
    socket.write(`<handshake>${hash}</handshake><presence from='irc.localhost' to='a@localhost'/>`);
  });
  socket.write(HEADER);
  const connection = await listener.nextConnection();
  assert.equal(connection.header['to'], 'irc.localhost');
  await connection.acceptHandshake('secret');
  await connection.expect(`<presence from='irc.localhost' to='a@localhost'/>`);
  socket.write(`</stream:stream>`);
  await connection.closed;
  await assert.rejects(connection.expect('<presence/>'), /has ended its stream/);
});

test('a wrong handshake is told', async (t) => {
  const listener = await startComponentListener();
  t.after(() => listener.stop());
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(`${HEADER}<handshake>0000</handshake>`);
  const connection = await listener.nextConnection();
  await assert.rejects(connection.acceptHandshake('secret'), /wrong handshake/);
  connection.destroy();
  await connection.closed;
});

test('waits for a connection only so long', async (t) => {
  const listener = await startComponentListener();
  t.after(() => listener.stop());
  await assert.rejects(listener.nextConnection(5), /no component connected within 5 ms/);
});
