import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
}

/** A network between two programs: it may be slow, and it may swallow everything without a word. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How long every piece of data is under way. */
  readonly #delayMs: number;
  #isFrozen = false;
  #thaw: (() => void)[] = [];

  private constructor(target: TcpTarget, delayMs: number) {
    this.#delayMs = delayMs;
    this.#server = createServer((near) => this.#join(near, connect(target)));
  }

  static async start(target: TcpTarget, delayMs = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, delayMs);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing arrives, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** What was held up arrives. */
  thaw(): void {
    this.#isFrozen = false;
    for (const pass of this.#thaw.splice(0)) pass();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (data) => this.#carry(() => to.write(data)));
      from.on('close', () => {
        this.#sockets.delete(from);
        this.#carry(() => to.destroy());
      });
      from.on('error', () => undefined);
    }
  }

  #carry(pass: () => void): void {
    const arrive = (): void => {
      if (this.#isFrozen) this.#thaw.push(pass);
      else pass();
    };
    if (this.#delayMs === 0) arrive();
    else setTimeout(arrive, this.#delayMs);
  }
}
