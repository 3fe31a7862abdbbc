import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Recording } from './recording.ts';

const STREAM_ID = 'bench';

/** The Jabber server's side of XEP-0114 for one component: as little work as can be. */
export class ComponentServer {
  readonly #server: Server;
  readonly #secret: string;
  readonly #attached: Promise<void>;
  #resolveAttached: () => void = () => undefined;
  #socket: Socket | undefined;
  #tail = '';
  #recording: Recording | undefined;
  #heard: ((text: string) => void) | undefined;
  #answersAlways = false;

  private constructor(server: Server, secret: string) {
    this.#server = server;
    this.#secret = secret;
    this.#attached = new Promise((resolve) => (this.#resolveAttached = resolve));
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(secret: string): Promise<ComponentServer> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ComponentServer(server, secret);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when the component has shown that it knows the secret. */
  get attached(): Promise<void> {
    return this.#attached;
  }

  /** Sends stanzas; `false` when the component does not read as fast as they come. */
  write(xml: string): boolean {
    if (this.#socket === undefined) throw new Error('no component is attached');
    return this.#socket.write(xml);
  }

  /** As `write`, and waits while the component does not read as fast as they come. */
  async send(xml: string): Promise<void> {
    if (!this.write(xml) && this.#socket !== undefined) await once(this.#socket, 'drain');
  }

  /** Keeps what comes from now on, and counts how often the text is in it. */
  record(pattern: string, isStamped = false): Recording {
    this.#recording = new Recording(pattern, isStamped);
    return this.#recording;
  }

  /** Shows what comes from now on, and answers nothing any more. */
  listen(heard: (text: string) => void): void {
    this.#heard = heard;
  }

  /** Answers questions also while it records: what is stored counts as delivered with such an answer alone. */
  answerAlways(): void {
    this.#answersAlways = true;
  }

  stopRecording(): void {
    this.#recording = undefined;
  }

  stop(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#read(socket, chunk));
  }

  #read(socket: Socket, chunk: Buffer): void {
    const text = this.#tail + chunk.toString('latin1');
    const end = text.lastIndexOf('>') + 1;
    this.#tail = text.slice(end);
    const whole = text.slice(0, end);
    if (this.#heard !== undefined) return this.#heard(whole);
    if (this.#recording === undefined || this.#answersAlways) this.#converse(socket, whole);
    this.#recording?.take(whole);
  }

  #converse(socket: Socket, text: string): void {
    if (text.includes('<stream:stream')) {
      const domain = / to=['"]([^'"]*)['"]/.exec(text)?.[1] ?? '';
      socket.write(
        `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${domain}' id='${STREAM_ID}'>`,
      );
    }
    const digest = createHash('sha1').update(`${STREAM_ID}${this.#secret}`).digest('hex');
    if (/<handshake[ >]/.test(text)) {
      if (!text.includes(`>${digest}</handshake>`)) throw new Error('a wrong handshake');
      socket.write('<handshake/>');
      this.#resolveAttached();
    }
    for (const [tag] of text.matchAll(/<iq [^>]*type=['"]get['"][^>]*>/g)) {
      socket.write(refusalOf(tag));
    }
  }
}

function refusalOf(tag: string): string {
  const value = (name: string): string =>
    new RegExp(` ${name}=['"]([^'"]*)['"]`).exec(tag)?.[1] ?? '';
  return `<iq from='${value('to')}' to='${value('from')}' id='${value('id')}' type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;
}
