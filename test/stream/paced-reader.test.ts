import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { PacedReader } from '../../src/stream/paced-reader.ts';

test('much that arrives at once is taken piece by piece, whole and in order, with turns between', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const pieces: string[] = [];
  let isTaken = false;
  let together = 0;
  const reader = new PacedReader((piece) => {
    if (isTaken) together += 1;
    isTaken = true;
    setImmediate(() => (isTaken = false));
    pieces.push(piece.toString('latin1'));
  });
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', onread: reader.onread });
  reader.read(socket);
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  const text = Array.from({ length: 60_000 }, (_, n) => `<m id='${n}'/>`).join('');
  peer.end(text, 'latin1');
  await once(socket, 'close');
  server.close();
  assert.ok(pieces.join('') === text, 'something is missing or not in order');
  // What was not taken yet when the connection ended is the last, at once.
  assert.ok(pieces.slice(0, -1).every(({ length }) => length <= 16_384));
  assert.ok(pieces.length > text.length / 65_536);
  assert.ok(together <= 1, `${together} came in the same turn as the one before`);
});
