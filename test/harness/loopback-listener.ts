import { createServer, type Socket } from 'node:net';

/** A listening port on 127.0.0.1 that can be closed and opened again, and leaves no socket behind. */
export class LoopbackListener {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  #port: number;

  constructor(port: number, onSocket: (socket: Socket) => void) {
    this.#port = port;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      onSocket(socket);
    });
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  /** Stops listening and ends what is connected: what was written still leaves, then the socket is gone. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) {
      if (socket.writableFinished || socket.writableLength === 0) socket.destroy();
      else socket.destroySoon();
    }
    await closed;
  }
}
