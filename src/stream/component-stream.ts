import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Logger } from 'pino';
import { escapeAttribute } from '../xml/escape.ts';
import type { XmlElement } from '../xml/element.ts';
import { serialize } from '../xml/serialize.ts';
import { isAt } from '../xmpp/jid.ts';
import { StreamParser } from '../xml/stream-parser.ts';
import type { StreamFault } from '../xml/stream-parser.ts';
import { NS_CLIENT, NS_COMPONENT, NS_STREAM_ERRORS, NS_STREAMS } from '../xmpp/namespaces.ts';
import { readError } from '../xmpp/stanza-error.ts';
import { adviceFor, kindOfCondition, kindOfSocketError } from './attach-trouble.ts';
import type { TroubleKind } from './attach-trouble.ts';
import { BackOff } from './back-off.ts';
import { BatchedWriter } from './batched-writer.ts';
import { handshakeHash } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';
import { PacedReader } from './paced-reader.ts';
import { serverSnippets } from './server-snippets.ts';

const ATTACH_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** What Prosody takes from a component by default; beyond it closes the stream. */
const MAX_STANZA_SIZE = 524_288;
const END = '</stream:stream>';
/** Servers differ in the namespace of stanzas on component streams; ours is always the one of clients. */
const ALIASES = { [NS_COMPONENT]: NS_CLIENT };

export interface ComponentStreamOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly domain: string;
  readonly secret: string;
  readonly log: Logger;
  readonly random?: () => number;
}

export interface ComponentStreamEvents {
  attached(): void;
  stanza(stanza: XmlElement): void;
  /** A stanza beyond our limits; only its opening tag was kept. */
  oversized(opening: XmlElement, reason: string): void;
  /** Told once after each `attached`. */
  detached(): void;
  /** A try to attach has failed, or the connection was lost; another try follows, unless it is stopped. */
  failed?(kind: TroubleKind, detail: string): void;
}

/** One try to attach, or one attached connection. */
interface Connection {
  readonly socket: Socket;
  readonly writer: BatchedWriter;
  readonly keepAlive: KeepAlive;
  readonly timer: NodeJS.Timeout;
  attachedAt: number | undefined;
  /** The namespace of stanzas, as the server's header has it; '' before it came. */
  namespace: string;
  trouble: { readonly kind: TroubleKind; readonly detail: string } | undefined;
  /** We have hung up: what still comes is not for us. */
  isDropped: boolean;
}

/** XEP-0114: the stream of one domain, which comes back by itself until it is stopped. */
export class ComponentStream {
  readonly #options: ComponentStreamOptions;
  readonly #events: ComponentStreamEvents;
  readonly #backOff: BackOff;
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  #lastTold: TroubleKind | undefined;

  constructor(options: ComponentStreamOptions, events: ComponentStreamEvents) {
    this.#options = options;
    this.#events = events;
    this.#backOff = new BackOff(options.random);
  }

  get isAttached(): boolean {
    return this.#connection?.attachedAt !== undefined;
  }

  /** Why it is not attached, as far as a try has shown. */
  get trouble(): TroubleKind | undefined {
    return this.#lastTold;
  }

  /** A promise for the time when the server has caught up with us; `undefined` while it keeps up. */
  get drained(): Promise<void> | undefined {
    return this.#connection?.writer.drained;
  }

  start(): void {
    this.#connect();
  }

  /**
   * Writes a stanza with the next batch; `false` when not attached.
   * @throws Error for a stanza that servers close the stream for: without `to`, from another domain, too large
   */
  send(stanza: XmlElement): boolean {
    const connection = this.#connection;
    if (connection?.attachedAt === undefined) return false;
    const { from, to } = stanza.attributes;
    if (to === undefined || from === undefined || !isAt(this.#options.domain, from)) {
      throw new Error(`a ${stanza.name} without "to", or not from ${this.#options.domain}`);
    }
    const text = serialize(stanza, NS_CLIENT);
    if (text.length > MAX_STANZA_SIZE) throw new Error(`a ${stanza.name} that is too large`);
    if (this.#options.log.isLevelEnabled('trace')) this.#options.log.trace({ xml: text }, 'sent');
    connection.writer.write(text);
    return true;
  }

  /** Writes what is left, closes the stream and waits for the server to do so, for two seconds at most. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    const connection = this.#connection;
    if (connection === undefined) return;
    const { socket, writer } = connection;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    if (connection.attachedAt !== undefined) {
      writer.write(END);
      writer.flush();
    }
    socket.end();
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
  }

  #connect(): void {
    const { host, port, tls, domain } = this.#options;
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const reader = new PacedReader((piece) => {
      connection.keepAlive.received();
      parser.write(piece);
    });
    const place = { host, port, onread: reader.onread };
    const socket = tls ? connectTls({ ...place, ...servername }) : connectTcp(place);
    socket.setNoDelay(true);
    const connection: Connection = {
      socket,
      writer: new BatchedWriter(socket),
      keepAlive: new KeepAlive(domain, {
        ping: (iq) => {
          if (connection.attachedAt !== undefined)
            connection.writer.write(serialize(iq, NS_CLIENT));
        },
        dead: () => this.#drop(connection, 'dead', ''),
      }),
      timer: setTimeout(() => this.#drop(connection, 'no-answer', ''), ATTACH_TIMEOUT_MS),
      attachedAt: undefined,
      namespace: '',
      trouble: undefined,
      isDropped: false,
    };
    this.#connection = connection;
    const parser = this.#parserFor(connection);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      const to = escapeAttribute(domain);
      socket.write(
        `<?xml version='1.0'?><stream:stream xmlns='${NS_COMPONENT}' xmlns:stream='${NS_STREAMS}' to='${to}'>`,
      );
    });
    reader.read(socket);
    socket.on('error', (error: Error) => {
      connection.trouble ??= { kind: kindOfSocketError(error), detail: error.message };
    });
    socket.once('close', () => this.#closed(connection));
  }

  #parserFor(connection: Connection): StreamParser {
    return new StreamParser(
      {
        opened: (root, namespace) => {
          connection.namespace = namespace;
          this.#opened(connection, root);
        },
        element: (element) => this.#element(connection, element),
        oversized: (opening, reason) => this.#events.oversized(opening, reason),
        closed: () => connection.socket.end(END),
        failed: (fault) => this.#faulty(connection, fault),
      },
      { aliases: ALIASES },
    );
  }

  #opened(connection: Connection, root: XmlElement): void {
    const id = root.attributes['id'];
    if (root.name !== 'stream' || root.namespace !== NS_STREAMS) {
      return this.#drop(connection, 'wrong-port', 'it does not speak XMPP');
    }
    // A server that is about to refuse may leave the id out; its error follows.
    if (id === undefined) return;
    connection.socket.write(`<handshake>${handshakeHash(id, this.#options.secret)}</handshake>`);
  }

  #element(connection: Connection, element: XmlElement): void {
    if (connection.isDropped) return;
    const { log } = this.#options;
    if (element.namespace === NS_STREAMS) {
      if (element.name === 'error') this.#streamError(connection, element);
      else this.#drop(connection, 'wrong-port', 'it offers log-in for clients');
      return;
    }
    if (connection.attachedAt === undefined) {
      if (element.name === 'handshake') this.#attached(connection);
      return;
    }
    if (log.isLevelEnabled('trace')) log.trace({ xml: serialize(element, NS_CLIENT) }, 'received');
    if (!connection.keepAlive.isAnswer(element)) this.#events.stanza(element);
  }

  #attached(connection: Connection): void {
    clearTimeout(connection.timer);
    connection.attachedAt = performance.now();
    this.#lastTold = undefined;
    this.#events.attached();
  }

  #streamError(connection: Connection, element: XmlElement): void {
    const { condition, text } = readError(element, NS_STREAM_ERRORS);
    const detail = text === undefined ? condition : `${condition}: ${text}`;
    const isAttached = connection.attachedAt !== undefined;
    // Once attached, nothing that the server says is about the configuration any more.
    const isForClients = connection.namespace === NS_CLIENT;
    const kind = isForClients && !isAttached ? 'wrong-port' : kindOfCondition(condition);
    const isStartUp = kind === 'secret' || kind === 'unknown-host' || kind === 'wrong-port';
    this.#drop(connection, isAttached && isStartUp ? 'stream-error' : kind, detail);
  }

  #faulty(connection: Connection, fault: StreamFault): void {
    if (connection.socket.writable) {
      connection.socket.write(
        `<stream:error><${fault.condition} xmlns='${NS_STREAM_ERRORS}'/></stream:error>`,
      );
    }
    const isGreeting = connection.attachedAt === undefined && fault.condition !== 'restricted-xml';
    this.#drop(
      connection,
      isGreeting ? 'wrong-port' : 'stream-error',
      `${fault.condition}: ${fault.text}`,
    );
  }

  #drop(connection: Connection, kind: TroubleKind, detail: string): void {
    connection.trouble ??= { kind, detail };
    connection.isDropped = true;
    if (connection.socket.writable) connection.socket.end(END);
    connection.socket.destroySoon();
    const { socket } = connection;
    if (kind === 'dead' || kind === 'no-answer') socket.destroy();
    else setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  #closed(connection: Connection): void {
    clearTimeout(connection.timer);
    connection.keepAlive.stop();
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    const now = performance.now();
    const { attachedAt } = connection;
    if (attachedAt !== undefined) this.#events.detached();
    if (this.#isStopped) return;
    const kind = connection.trouble?.kind ?? (attachedAt === undefined ? 'secret' : 'lost');
    const { isSlow } = adviceFor(kind);
    const attachedForMs = attachedAt === undefined ? undefined : now - attachedAt;
    const delayMs = this.#backOff.next(now, isSlow, attachedForMs);
    const detail = connection.trouble?.detail ?? '';
    this.#tell(kind, detail, delayMs);
    this.#retry = setTimeout(() => this.#connect(), delayMs);
    this.#events.failed?.(kind, detail);
  }

  /** The same trouble is told in full once, and in short after that. */
  #tell(kind: TroubleKind, detail: string, delayMs: number): void {
    const { log, host, port, domain } = this.#options;
    const advice = adviceFor(kind);
    const retryInSeconds = Math.round(delayMs / 1_000);
    const fields = { host, port, reason: kind, detail, retryInSeconds };
    if (this.#lastTold === kind) return log.info(fields, 'still not attached');
    this.#lastTold = kind;
    const snippets =
      advice.showsSnippets === true ? { snippets: serverSnippets([domain], port) } : {};
    const level = advice.isSlow ? 'error' : 'warn';
    log[level](
      { ...fields, advice: advice.text, ...snippets },
      'not attached to the Jabber server',
    );
  }
}
