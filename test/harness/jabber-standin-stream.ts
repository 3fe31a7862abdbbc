import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CLIENT } from './jabber-standin-stanza.ts';
import { XmlStreamReader } from './xml-stream-reader.ts';
import { inNamespace, serialise, STREAMS, type XmlNode } from './xml-tree.ts';

export interface StreamSettings {
  readonly domain: string;
  /** The namespace the header must declare. */
  readonly namespace: string;
  /** False where stanzas go out as `xmlns='jabber:client'` whatever the stream says. */
  readonly adaptsStanzas?: boolean;
}

export interface StreamOwner {
  header(header: XmlNode): void;
  stanza(stanza: XmlNode): void;
  /** The stream is over: ended, refused or lost. Called once. */
  ended(): void;
}

/** The server's end of one connection: RFC 6120 §4. */
export class JabberStream {
  readonly #socket: Socket;
  readonly #settings: StreamSettings;
  readonly #owner: StreamOwner;
  readonly #reader: XmlStreamReader;
  #isHeaderSent = false;
  #isOver = false;
  id = '';

  constructor(socket: Socket, settings: StreamSettings, owner: StreamOwner) {
    this.#socket = socket;
    this.#settings = settings;
    this.#owner = owner;
    this.#reader = new XmlStreamReader({
      header: (header, contentNamespace) => this.#header(header, contentNamespace),
      stanza: (stanza) => owner.stanza(inNamespace(stanza, settings.namespace, CLIENT)),
      end: () => this.#end('</stream:stream>'),
      violation: (condition) => this.fail(condition),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#reader.push(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#over());
  }

  open(attributes = ''): void {
    const { namespace, domain } = this.#settings;
    this.#isHeaderSent = true;
    this.id = randomBytes(10).toString('hex');
    this.write(
      `<?xml version='1.0'?><stream:stream xmlns='${namespace}' xmlns:stream='${STREAMS}' ` +
        `from='${domain}' id='${this.id}'${attributes}>`,
    );
  }

  write(xml: string): void {
    if (!this.#isOver && this.#socket.writable) this.#socket.write(xml);
  }

  send(stanza: XmlNode): void {
    this.write(this.text(stanza));
  }

  text(stanza: XmlNode): string {
    const { namespace, adaptsStanzas = true } = this.#settings;
    return serialise(adaptsStanzas ? inNamespace(stanza, CLIENT, namespace) : stanza, namespace);
  }

  /** RFC 6120 §4.9: says why and closes; nothing more is read. */
  fail(condition: string): void {
    if (this.#isOver) return;
    if (!this.#isHeaderSent) this.open();
    const error = `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>`;
    this.#end(`<stream:error>${error}</stream:error></stream:stream>`);
  }

  restart(): void {
    this.#isHeaderSent = false;
    this.#reader.restart();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#over();
  }

  #header(header: XmlNode, contentNamespace: string): void {
    if (header.name !== 'stream') return this.fail('bad-format');
    if (header.namespace !== STREAMS || contentNamespace !== this.#settings.namespace) {
      return this.fail('invalid-namespace');
    }
    this.#owner.header(header);
  }

  #end(farewell: string): void {
    if (this.#isOver) return;
    if (this.#socket.writable) this.#socket.end(farewell);
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.stop();
    this.#owner.ended();
  }
}
