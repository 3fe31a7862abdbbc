import type { Socket } from 'node:net';

/**
 * So much is worked on in one turn of the event loop. What comes of it can then leave before more is read: less is held at
 * a time, and others are not kept waiting.
 */
const PIECE_BYTES = 16_384;

/** Hands on what a socket receives in pieces, of which each gets a turn of the event loop. */
export function readInPieces(socket: Socket, take: (piece: Buffer) => void): void {
  let left: Buffer | undefined;
  const next = (): void => {
    const chunk = left;
    if (chunk === undefined) {
      socket.resume();
      return;
    }
    left = chunk.length > PIECE_BYTES ? chunk.subarray(PIECE_BYTES) : undefined;
    take(left === undefined ? chunk : chunk.subarray(0, PIECE_BYTES));
    setImmediate(next);
  };
  // The connection is over; what came before is taken nevertheless.
  const finish = (): void => {
    const chunk = left;
    left = undefined;
    if (chunk !== undefined) take(chunk);
  };
  socket.on('end', finish);
  socket.on('close', finish);
  socket.on('data', (chunk: Buffer) => {
    if (left !== undefined) {
      left = Buffer.concat([left, chunk]);
      return;
    }
    if (chunk.length <= PIECE_BYTES) return take(chunk);
    socket.pause();
    left = chunk;
    next();
  });
}
