import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificates } from '../../harness/certificates.ts';

const PATIENCE_MS = 5_000;

/** A listener that speaks raw lines, as a test tells it to. */
export class LineServer {
  readonly #server: Server;
  readonly #lines: LineSocket[] = [];
  #wake: (() => void) | undefined;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param tls asks for a certificate of those who connect, whoever signed it */
  static async start(port = 0, tls?: Certificates): Promise<LineServer> {
    const server =
      tls === undefined
        ? createServer()
        : createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false });
    const self = new LineServer(server);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      self.#sockets.add(socket);
      socket.on('close', () => self.#sockets.delete(socket));
      self.#lines.push(new LineSocket(socket));
      self.#wake?.();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return self;
  }

  get port(): number {
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === 'object');
    return address.port;
  }

  /** The next connection. */
  async accept(): Promise<LineSocket> {
    const found = await wait(
      () => this.#lines.shift(),
      (wake) => (this.#wake = wake),
      'a connection',
    );
    return found;
  }

  get openCount(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** One connection as the server sees it. */
export class LineSocket {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #lines: string[] = [];
  #rest = '';
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (text: string) => {
      const parts = (this.#rest + text).split('\r\n');
      this.#rest = parts.pop() ?? '';
      this.#lines.push(...parts);
      this.#wake?.();
    });
  }

  /** The next line that matches; those before it are passed over. */
  async expect(pattern: RegExp): Promise<string> {
    return wait(
      () => {
        const at = this.#lines.findIndex((line) => pattern.test(line));
        return at < 0 ? undefined : this.#lines.splice(0, at + 1).at(-1);
      },
      (wake) => (this.#wake = wake),
      () => `${String(pattern)}, got ${JSON.stringify(this.#lines)}`,
    );
  }

  /** Writes lines in one piece, so that they arrive together. */
  send(...lines: readonly string[]): void {
    this.socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  sendBytes(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Introduction without capabilities, up to the end of the greetings. */
  async welcome(nick: string, ...more: readonly string[]): Promise<void> {
    await this.expect(/^NICK /);
    await this.expect(/^USER /);
    this.send(
      `:irc.test 001 ${nick} :Welcome`,
      `:irc.test 005 ${nick} CASEMAPPING=ascii PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst :are supported`,
      ...more,
      `:irc.test 422 ${nick} :No message of the day`,
    );
  }

  /** Introduction with all of the capabilities that the client asks for among these. */
  async welcomeWith(capabilities: string, nick: string, ...support: string[]): Promise<void> {
    await this.expect(/^CAP LS 302$/);
    this.send(`:irc.test CAP * LS :${capabilities}`);
    const request = await this.expect(/^CAP REQ :/);
    this.send(`:irc.test CAP * ACK :${request.slice('CAP REQ :'.length)}`);
    await this.expect(/^CAP END$/);
    this.send(
      `:irc.test 001 ${nick} :Welcome`,
      `:irc.test 005 ${nick} CASEMAPPING=ascii PREFIX=(qaohv)~&@%+ CHANMODES=beI,k,l,imnpst ${support.join(' ')} :are supported`,
      `:irc.test 422 ${nick} :No message of the day`,
    );
  }

  /** Lets a user into a channel she asks for. */
  async letIn(nick: string, channel: string, names: string, ...more: string[]): Promise<void> {
    await this.expect(new RegExp(`^JOIN :?${channel}( |$)`));
    this.send(
      `:${nick}!u@host.test JOIN ${channel}`,
      `:irc.test 353 ${nick} = ${channel} :${names}`,
      `:irc.test 366 ${nick} ${channel} :End`,
      ...more,
    );
  }
}

async function wait<T>(
  take: () => T | undefined,
  onWake: (wake: (() => void) | undefined) => void,
  what: string | (() => string),
): Promise<T> {
  const found = take();
  if (found !== undefined) return found;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      onWake(undefined);
      reject(new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`));
    }, PATIENCE_MS);
    onWake(() => {
      const now = take();
      if (now === undefined) return;
      clearTimeout(timer);
      onWake(undefined);
      resolve(now);
    });
  });
}
