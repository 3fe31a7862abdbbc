import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export const HEADER = `<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' id='stream&amp;1' from='irc.localhost'>`;

/** The other end of a component stream, which does only what the test tells it. */
export class ComponentListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections: Socket[] = [];
  readonly #waiting: ((socket: Socket) => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#connections.push(socket);
      else waiter(socket);
    });
  }

  static async start(): Promise<ComponentListener> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ComponentListener(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nobody has connected whom no test took yet. */
  get isIdle(): boolean {
    return this.#connections.length === 0;
  }

  async connection(): Promise<Peer> {
    const socket =
      this.#connections.shift() ??
      (await new Promise<Socket>((resolve) => this.#waiting.push(resolve)));
    return new Peer(socket);
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** One connection: what has come so far, and what to send. */
export class Peer {
  readonly socket: Socket;
  received = '';
  writes = 0;
  #check: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString();
      this.writes++;
      this.#check?.();
    });
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Waits until a text has come. */
  async until(text: string | RegExp): Promise<void> {
    const isThere = (): boolean =>
      typeof text === 'string' ? this.received.includes(text) : text.test(this.received);
    if (isThere()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${String(text)} did not come; this did: ${this.received}`)),
        5_000,
      );
      this.#check = () => {
        if (!isThere()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Plays the server's part up to the answer to the handshake. */
  async attach(behind = ''): Promise<void> {
    await this.until('<stream:stream');
    this.send(HEADER);
    await this.until('</handshake>');
    this.send(`<handshake/>${behind}`);
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}
