import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { XmlInbox, type Expectation } from './xml-inbox.ts';
import { XmlStreamReader } from './xml-stream-reader.ts';
import type { XmlNode } from './xml-tree.ts';

/** One end of a stream under a test's command; the stream header arrives as `<stream:stream/>`. */
export class JabberPeer {
  readonly #socket: Socket;
  readonly #inbox: XmlInbox;
  readonly #reader: XmlStreamReader;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket, defaultNamespace: string) {
    this.#socket = socket;
    this.#inbox = new XmlInbox(defaultNamespace);
    const keep = (node: XmlNode): void => this.#inbox.push(node);
    this.#reader = new XmlStreamReader(
      {
        header: keep,
        stanza: keep,
        end: () => this.#inbox.end('stream ended'),
        violation: (condition) => this.#inbox.end(`unreadable stream (${condition})`),
      },
      Number.MAX_SAFE_INTEGER,
    );
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#inbox.end('connection closed');
        resolve();
      });
    });
    socket.on('error', (error) => this.#inbox.end(`connection lost (${error.message})`));
    socket.on('data', (bytes: Buffer) => this.#reader.push(bytes));
  }

  static async open(port: number, defaultNamespace: string): Promise<JabberPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new JabberPeer(socket, defaultNamespace);
  }

  get received(): readonly XmlNode[] {
    return this.#inbox.received;
  }

  send(xml: string | Uint8Array): void {
    this.#socket.write(xml);
  }

  expect(expected: Expectation, timeoutMs?: number): Promise<XmlNode> {
    return this.#inbox.expect(expected, timeoutMs);
  }

  restart(): void {
    this.#reader.restart();
  }

  /** Ends the stream properly and waits for the other end. */
  async close(): Promise<void> {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.end('</stream:stream>');
    await this.closed;
  }

  /** Cuts the connection as a crash would. */
  abort(): void {
    this.#socket.destroy();
  }
}
