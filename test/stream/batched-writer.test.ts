import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BatchedWriter } from '../../src/stream/batched-writer.ts';

test('writes much at once whole and in order, and says that others have to wait', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  const heard = text(peer);
  const writer = new BatchedWriter(socket);
  let written = '';
  for (let n = 0; n < 40_000; n++) {
    const piece = `<m id='${n}'>Grüße 🌻 an ${n}</m>`;
    written += piece;
    writer.write(piece);
  }
  assert.notEqual(writer.drained, undefined);
  await writer.drained;
  writer.write('<last/>');
  writer.flush();
  socket.end();
  assert.equal(await heard, `${written}<last/>`);
  server.close();
});

test('gives a connection up that takes nothing any more, before it has gathered without bound', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  const writer = new BatchedWriter(socket);
  const gone = once(socket, 'error');
  socket.end();
  const piece = 'x'.repeat(1_000_000);
  for (let n = 0; n < 80 && !socket.destroyed; n++) writer.write(piece);
  assert.equal(socket.destroyed, true);
  assert.match(String((await gone)[0]), /does not read/);
  peer.destroy();
  server.close();
});
