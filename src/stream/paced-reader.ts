import type { OnReadOpts, Socket } from 'node:net';

/**
 * So much is worked on in one turn of the event loop. What comes of it can then leave before more is read: less is held at
 * a time, and others are not kept waiting.
 */
const PIECE_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);
/** All streams read into this, one after the other: Node would otherwise get as much anew for each read. */
const BYTES = Buffer.allocUnsafeSlow(65_536);

/**
 * Hands on what a socket receives in pieces, of which each gets a turn of the event loop. `onread` is the option of that
 * name of `connect` (node:net, node:tls). A piece is gone when `take` returns.
 */
export class PacedReader {
  readonly onread: OnReadOpts = {
    buffer: BYTES,
    callback: (count) => {
      this.#receive(BYTES.subarray(0, count));
      return true;
    },
  };
  readonly #take: (piece: Buffer) => void;
  #socket: Socket | undefined;
  /** What has come and waits for its turn. */
  #left = NOTHING;
  readonly #next = (): void => {
    if (this.#left.length === 0) this.#socket?.resume();
    else this.#takePiece();
  };

  constructor(take: (piece: Buffer) => void) {
    this.#take = take;
  }

  /** Begins with what comes on the socket that has `onread`. */
  read(socket: Socket): void {
    this.#socket = socket;
    // The connection is over; what came before is taken nevertheless.
    const finish = (): void => {
      const left = this.#left;
      this.#left = NOTHING;
      if (left.length > 0) this.#take(left);
    };
    socket.on('end', finish);
    socket.on('close', finish);
    socket.resume();
  }

  #receive(bytes: Buffer): void {
    if (this.#left.length > 0) this.#left = Buffer.concat([this.#left, bytes]);
    else if (bytes.length <= PIECE_BYTES) this.#take(bytes);
    else {
      this.#socket?.pause();
      this.#left = Buffer.from(bytes);
      this.#takePiece();
    }
  }

  #takePiece(): void {
    const left = this.#left;
    this.#left = left.length > PIECE_BYTES ? left.subarray(PIECE_BYTES) : NOTHING;
    this.#take(left.subarray(0, PIECE_BYTES));
    setImmediate(this.#next);
  }
}
