import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { StanzaQueue } from './stanza-queue.ts';
import { renamespace, type Element } from './xml-element.ts';
import { NS_OF_LITERALS, type Matcher } from './xml-matcher.ts';
import { XmlStream } from './xml-stream.ts';

const NS_COMPONENT = 'jabber:component:accept';
const LIMIT_BYTES = 16 * 1024 * 1024;

export interface ScriptedComponentOptions {
  readonly port: number;
  readonly domain: string;
  /** Shakes hands with it; without one the test does what it likes. */
  readonly secret?: string;
  /** More attributes for the header, or another namespace. */
  readonly header?: { readonly ns?: string; readonly attributes?: string };
}

/** A component for tests of Jabber servers: the other end of XEP-0114. */
export class ScriptedComponent {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #queue: StanzaQueue;

  private constructor(socket: Socket, options: ScriptedComponentOptions) {
    const { domain, secret } = options;
    this.#socket = socket;
    this.#queue = new StanzaQueue(`component ${domain}`);
    const reader = new XmlStream(
      {
        header: ({ attrs }) => {
          if (secret === undefined) return;
          const hash = createHash('sha1').update(`${attrs['id']}${secret}`).digest('hex');
          socket.write(`<handshake>${hash}</handshake>`);
        },
        stanza: (el) => this.#queue.push(renamespace(el, NS_COMPONENT, NS_OF_LITERALS)),
        footer: () => socket.end(),
        problem: (condition, detail) => this.#queue.end(`unreadable: ${condition} ${detail}`),
      },
      LIMIT_BYTES,
    );
    socket.on('data', (bytes: Buffer) => reader.write(bytes));
    socket.on('error', (error) => this.#queue.end(error.message));
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#queue.end('the connection has ended');
        resolve();
      });
    });
  }

  /** Opens the stream; with a secret, waits for the handshake. */
  static async connect(options: ScriptedComponentOptions): Promise<ScriptedComponent> {
    const { port, domain, header } = options;
    const component = new ScriptedComponent(connect(port, '127.0.0.1'), options);
    component.send(
      `<?xml version='1.0'?><stream:stream xmlns='${header?.ns ?? NS_COMPONENT}' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}' ${header?.attributes ?? ''}>`,
    );
    if (options.secret !== undefined) await component.expect(({ name }) => name === 'handshake');
    return component;
  }

  get unclaimed(): readonly Element[] {
    return this.#queue.queued;
  }

  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  expect(matcher: Matcher, timeoutMs = 5000): Promise<Element> {
    return this.#queue.expect(matcher, timeoutMs);
  }

  /** Resolves once the server has closed the stream with this error. */
  async expectStreamError(condition: string): Promise<void> {
    const isError = ({ name, children }: Element) =>
      name === 'error' &&
      children.some((node) => typeof node !== 'string' && node.name === condition);
    await this.expect(isError);
    await this.closed;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

export function connectComponent(options: ScriptedComponentOptions): Promise<ScriptedComponent> {
  return ScriptedComponent.connect(options);
}
