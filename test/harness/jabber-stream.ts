import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { element, escapeXml, serialize, type Attributes, type Element } from './xml-element.ts';
import { XmlStream } from './xml-stream.ts';

export const NS_STREAMS = 'http://etherx.jabber.org/streams';
const NS_STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

interface JabberStreamOwner {
  header(root: Element): void;
  stanza(el: Element): void;
  /** Called once, whoever ended the connection. */
  ended(): void;
}

interface JabberStreamOptions {
  /** The namespace of stanzas; a header in any other is answered with invalid-namespace. */
  readonly ns: string;
  /** The namespace that need not be written on a stanza: usually `jabber:client`. */
  readonly writtenNs: string;
  readonly domain: string;
  readonly limitBytes: number;
}

/** The server's side of one XML stream on one socket (RFC 6120 §4). */
export class JabberStream {
  readonly #options: JabberStreamOptions;
  readonly #owner: JabberStreamOwner;
  readonly #reader: XmlStream;
  #socket: Socket;
  #id = '';
  #hasAnsweredHeader = false;
  #isEnded = false;

  constructor(socket: Socket, options: JabberStreamOptions, owner: JabberStreamOwner) {
    this.#socket = socket;
    this.#options = options;
    this.#owner = owner;
    this.#reader = new XmlStream(
      {
        header: (root, defaultNs) => this.#header(root, defaultNs),
        stanza: (el) => this.#stanza(el),
        footer: () => this.close(),
        problem: (condition, detail) => this.fail(condition, detail),
      },
      options.limitBytes,
    );
    this.#listen();
  }

  get id(): string {
    return this.#id;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  /** Answers the header, with a new stream id. */
  open(attrs: Attributes): void {
    this.#hasAnsweredHeader = true;
    this.#id = randomBytes(8).toString('hex');
    const all = { from: this.#options.domain, id: this.#id, ...attrs };
    const written = Object.entries(all).map(([key, value]) =>
      value === undefined ? '' : ` ${key}='${escapeXml(value)}'`,
    );
    this.write(
      `<?xml version='1.0'?><stream:stream xmlns='${this.#options.ns}' xmlns:stream='${NS_STREAMS}'${written.join('')}>`,
    );
  }

  send(stanza: Element): void {
    this.write(serialize(stanza, this.#options.writtenNs));
  }

  write(data: string): void {
    if (this.#isEnded) return;
    this.#socket.write(data);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.destroy();
  }

  /** A stream error, the end of the stream, the end of the connection (RFC 6120 §4.9.1.1). */
  fail(condition: string, description?: string): void {
    if (this.#isEnded) return;
    if (!this.#hasAnsweredHeader) this.open({});
    const details = [element(condition, NS_STREAM_ERRORS)];
    if (description !== undefined) {
      details.push(element('text', NS_STREAM_ERRORS, {}, [description]));
    }
    const written = details.map((el) => serialize(el)).join('');
    this.write(`<stream:error>${written}</stream:error>`);
    this.close();
  }

  /** Ends the stream and our half of the connection; whatever still comes is not read. */
  close(): void {
    if (this.#isEnded) return;
    if (this.#hasAnsweredHeader) this.write('</stream:stream>');
    this.#socket.end();
    this.#end();
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#end();
    this.#socket.destroy();
  }

  /** The peer opens a new stream on this connection now. */
  restart(): void {
    this.#hasAnsweredHeader = false;
    this.#reader.restart();
  }

  startTls(secureContext: SecureContext): void {
    this.#socket.removeAllListeners('data');
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#listen();
    this.restart();
  }

  #listen(): void {
    this.#socket.on('data', (bytes: Buffer) => this.#reader.write(bytes));
    this.#socket.on('close', () => this.#end());
    this.#socket.on('error', () => this.destroy());
  }

  #header(root: Element, defaultNs: string): void {
    if (root.name !== 'stream' || root.ns !== NS_STREAMS || defaultNs !== this.#options.ns) {
      this.fail('invalid-namespace');
      return;
    }
    this.#owner.header(root);
  }

  #stanza(el: Element): void {
    if (el.name === 'error' && el.ns === NS_STREAMS) this.close();
    else this.#owner.stanza(el);
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#reader.stop();
    this.#owner.ended();
  }
}
