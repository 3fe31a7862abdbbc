import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StanzaQueue } from './stanza-queue.ts';
import {
  element,
  escapeXml,
  parseXml,
  serialize,
  text,
  child,
  type Element,
} from './xml-element.ts';
import { mismatch, NS_OF_LITERALS, type Matcher } from './xml-matcher.ts';
import { XmlStream } from './xml-stream.ts';

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const STREAM_LIMIT_BYTES = 16 * 1024 * 1024;

export interface XmppClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly resource?: string;
  /** How long each `expect` waits unless told otherwise. */
  readonly timeoutMs?: number;
  /** Makes the account first (XEP-0077); one that exists already is fine. */
  readonly register?: boolean;
  /** STARTTLS, trusting these certificates. */
  readonly tlsAuthorities?: string;
  /** The oldest way: a header without version and `jabber:iq:auth` (XEP-0078). */
  readonly legacy?: boolean;
}

/** A Jabber client for tests: sends XML literals, expects stanzas that match literals. */
export class XmppClient {
  readonly bareJid: string;
  readonly #options: XmppClientOptions;
  readonly #queue: StanzaQueue;
  readonly #timeoutMs: number;
  #socket: Socket;
  #reader: XmlStream;
  #jid: string;
  #closed: Promise<void>;

  private constructor(socket: Socket, options: XmppClientOptions) {
    this.#options = options;
    this.bareJid = `${options.user}@${options.domain}`;
    this.#jid = `${this.bareJid}/${options.resource ?? 'test'}`;
    this.#queue = new StanzaQueue(this.#jid);
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#socket = socket;
    this.#reader = this.#newReader();
    this.#closed = this.#listen();
  }

  static async connect(options: XmppClientOptions): Promise<XmppClient> {
    const socket = connect(options.port, options.host ?? '127.0.0.1');
    const client = new XmppClient(socket, options);
    try {
      await (options.legacy === true ? client.#loginLegacy() : client.#login());
    } catch (error) {
      client.destroy();
      throw error;
    }
    return client;
  }

  /** The full address. */
  get jid(): string {
    return this.#jid;
  }

  /** What came and no `expect` took yet. */
  get unclaimed(): readonly Element[] {
    return this.#queue.queued;
  }

  /** Resolves when the connection has ended, by whichever side. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Writes one stanza or several, as they are. */
  send(xml: string | Element): void {
    this.#socket.write(typeof xml === 'string' ? xml : serialize(xml, NS_OF_LITERALS));
  }

  /** Takes the oldest unclaimed stanza that matches, or waits for one. */
  expect(matcher: Matcher, timeoutMs = this.#timeoutMs): Promise<Element> {
    return this.#queue.expect(matcher, timeoutMs);
  }

  /** The very next unclaimed stanza has to match. */
  expectNext(matcher: Matcher, timeoutMs = this.#timeoutMs): Promise<Element> {
    return this.#queue.next(matcher, timeoutMs);
  }

  /** One stanza for each matcher, in whatever order they come; given back in the order of the matchers. */
  expectUnordered(matchers: readonly Matcher[], timeoutMs = this.#timeoutMs): Promise<Element[]> {
    return Promise.all(matchers.map((matcher) => this.expect(matcher, timeoutMs)));
  }

  /** Everything the server had sent so far has arrived (a barrier), and nothing of it matches. */
  async expectNothing(matcher: Matcher): Promise<void> {
    await this.barrier();
    const test = typeof matcher === 'string' ? undefined : matcher;
    const found = this.#queue.queued.find((stanza) =>
      typeof matcher === 'string' ? mismatch(stanza, matcher) === undefined : test?.(stanza),
    );
    if (found !== undefined) throw new Error(`unexpected ${serialize(found, NS_OF_LITERALS)}`);
  }

  /** Sends an IQ (with an id of its own if it has none) and gives its result or error stanza. */
  async iq(xml: string, timeoutMs = this.#timeoutMs): Promise<Element> {
    const parsed = parseXml(xml, NS_OF_LITERALS);
    const id = parsed.attrs['id'] ?? randomUUID();
    const { to } = parsed.attrs;
    this.send({ ...parsed, attrs: { ...parsed.attrs, id } });
    const isAnswer = ({ name, attrs }: Element) =>
      name === 'iq' &&
      attrs['id'] === id &&
      (attrs['type'] === 'result' || attrs['type'] === 'error') &&
      (to === undefined || attrs['from'] === to);
    return this.expect(isAnswer, timeoutMs);
  }

  /** The server has handled all this client sent before, and all it had for this client has arrived. */
  async barrier(to = this.#options.domain): Promise<void> {
    await this.iq(`<iq type='get' to='${escapeXml(to)}'><ping xmlns='urn:xmpp:ping'/></iq>`);
  }

  /** Forgets what is unclaimed and gives it back. */
  takeAll(): Element[] {
    return this.#queue.takeAll();
  }

  /** Ends the stream politely: the server then says that this client is unavailable. */
  async close(): Promise<void> {
    if (!this.#socket.destroyed) this.#socket.end('</stream:stream>');
    await this.#closed;
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #login(): Promise<void> {
    const { user, password, resource, register, tlsAuthorities } = this.#options;
    let features = await this.#openStream("version='1.0'");
    if (tlsAuthorities !== undefined) {
      this.send(`<starttls xmlns='${NS_TLS}'/>`);
      await this.expect(({ name, ns }) => name === 'proceed' && ns === NS_TLS);
      this.#startTls(tlsAuthorities);
      features = await this.#openStream("version='1.0'");
    }
    if (!features.children.some((node) => typeof node !== 'string' && node.ns === NS_SASL)) {
      throw new Error('the server offers no SASL mechanism');
    }
    if (register === true) await this.#register();
    const data = Buffer.from(`\0${user}\0${password}`).toString('base64');
    this.send(`<auth xmlns='${NS_SASL}' mechanism='PLAIN'>${data}</auth>`);
    const outcome = await this.expect(({ ns }) => ns === NS_SASL);
    if (outcome.name !== 'success') throw new Error(`log in refused: ${serialize(outcome)}`);
    await this.#openStream("version='1.0'");
    const wanted = element('resource', NS_BIND, {}, [resource ?? 'test']);
    const bind = element('bind', NS_BIND, {}, [wanted]);
    const bound = await this.iq(serialize(element('iq', NS_OF_LITERALS, { type: 'set' }, [bind])));
    const jid = child(bound, 'bind', NS_BIND);
    if (jid === undefined) throw new Error(`binding refused: ${serialize(bound)}`);
    this.#jid = text(child(jid, 'jid'));
  }

  async #loginLegacy(): Promise<void> {
    const { user, password, resource, register } = this.#options;
    this.#openHeader('');
    if (register === true) await this.#register();
    const ns = 'jabber:iq:auth';
    const field = (name: string, value: string) => element(name, ns, {}, [value]);
    const fields = [
      field('username', user),
      field('password', password),
      field('resource', resource ?? 'test'),
    ];
    const iq = element('iq', NS_OF_LITERALS, { type: 'set' }, [element('query', ns, {}, fields)]);
    const answer = await this.iq(serialize(iq));
    if (answer.attrs['type'] !== 'result') throw new Error(`log in refused: ${serialize(answer)}`);
  }

  async #register(): Promise<void> {
    const { user, password, domain } = this.#options;
    const ns = 'jabber:iq:register';
    const fields = [element('username', ns, {}, [user]), element('password', ns, {}, [password])];
    const iq = element('iq', NS_OF_LITERALS, { type: 'set', to: domain, id: randomUUID() }, [
      element('query', ns, {}, fields),
    ]);
    this.send(iq);
    await this.expect(({ name, attrs }) => name === 'iq' && attrs['id'] === iq.attrs['id']);
  }

  #openHeader(attributes: string): void {
    const { domain } = this.#options;
    this.send(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}' ${attributes}>`,
    );
  }

  async #openStream(attributes: string): Promise<Element> {
    this.#reader = this.#newReader();
    this.#openHeader(attributes);
    return this.expect(({ name }) => name === 'features');
  }

  #startTls(ca: string): void {
    this.#socket.removeAllListeners();
    this.#socket = connectTls({ socket: this.#socket, ca, servername: this.#options.domain });
    this.#closed = this.#listen();
  }

  #newReader(): XmlStream {
    return new XmlStream(
      {
        header: () => undefined,
        stanza: (el) => this.#received(el),
        footer: () => this.#socket.end(),
        problem: (condition, detail) => this.#queue.end(`unreadable: ${condition} ${detail}`),
      },
      STREAM_LIMIT_BYTES,
    );
  }

  #received(el: Element): void {
    this.#queue.push(el);
    if (el.name === 'error' && el.ns === 'http://etherx.jabber.org/streams') {
      this.#queue.end(`stream error ${serialize(el)}`);
    }
  }

  #listen(): Promise<void> {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => this.#reader.write(bytes));
    socket.on('error', (error) => this.#queue.end(error.message));
    return new Promise<void>((resolve) => {
      socket.on('close', () => {
        this.#queue.end('the connection has ended');
        resolve();
      });
    });
  }
}

export function connectClient(options: XmppClientOptions): Promise<XmppClient> {
  return XmppClient.connect(options);
}
