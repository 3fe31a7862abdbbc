import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { once } from 'node:events';
import { renamespace, text } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import { XmlStream } from '../harness/xml-stream.ts';

const COMPONENT = 'jabber:component:accept';
const LIMIT_BYTES = 16 * 1024 * 1024;

/** The server's end of one component stream, which tells all that comes and says what it is told to. */
export class ComponentPeer {
  readonly port: number;
  /** Why the stream is not what it was; `undefined` while it is well. */
  trouble: string | undefined;
  /** Resolves when the component has shaken hands. */
  readonly attached: Promise<void>;
  #attached: () => void = () => undefined;
  readonly #server: Server;
  #socket: Socket | undefined;

  private constructor(server: Server, secret: string, stanza: (el: Element) => void) {
    this.#server = server;
    this.attached = new Promise((resolve) => (this.#attached = resolve));
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#attach(socket, secret, stanza));
  }

  static async start(secret: string, stanza: (el: Element) => void): Promise<ComponentPeer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ComponentPeer(server, secret, stanza);
  }

  send(text: string): void {
    this.#socket?.write(text);
  }

  stop(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #attach(socket: Socket, secret: string, stanza: (el: Element) => void): void {
    if (this.#socket !== undefined) this.trouble ??= 'the component came a second time';
    this.#socket = socket;
    const expected = createHash('sha1').update(`s1${secret}`).digest('hex');
    const reader = new XmlStream(
      {
        header: () =>
          void socket.write(
            `<stream:stream xmlns='${COMPONENT}' xmlns:stream='http://etherx.jabber.org/streams' id='s1'>`,
          ),
        stanza: (el) => {
          if (el.name === 'handshake') {
            socket.write(text(el) === expected ? '<handshake/>' : '<refused/>');
            this.#attached();
          } else stanza(renamespace(el, COMPONENT, 'jabber:client'));
        },
        footer: () => (this.trouble ??= 'the component has ended its stream'),
        problem: (condition, detail) => (this.trouble ??= `unreadable: ${condition} ${detail}`),
      },
      LIMIT_BYTES,
    );
    socket.on('data', (bytes: Buffer) => reader.write(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.trouble ??= 'the connection has ended'));
  }
}
