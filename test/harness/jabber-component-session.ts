import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Flavour } from './jabber-components.ts';
import type { JabberHub } from './jabber-hub.ts';
import { JabberStream } from './jabber-stream.ts';
import { parseJid } from './jid.ts';
import { NS_CLIENT } from './stanza-replies.ts';
import { element, elements, renamespace, serialize, text, type Element } from './xml-element.ts';

const NS_COMPONENT = 'jabber:component:accept';
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const COMPONENT_LIMIT_BYTES = 512 * 1024;
const STANZAS = new Set(['message', 'presence', 'iq']);

interface ComponentSessionOptions {
  readonly hub: JabberHub;
  readonly flavour: Flavour;
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: (direction: 'in' | 'out', peer: string, stanza: Element) => void;
  /** What stands right behind the handshake: privileges. */
  readonly announcement: (domain: string) => string;
  readonly isTaken: (domain: string) => boolean;
  readonly attached: () => void;
  readonly ended: () => void;
}

/** The server's side of XEP-0114. */
export class JabberComponentSession {
  readonly #options: ComponentSessionOptions;
  readonly #stream: JabberStream;
  #domain = '';
  #domains: readonly string[] = [];
  #isOfferedSasl = false;

  constructor(socket: Socket, options: ComponentSessionOptions) {
    this.#options = options;
    const isNamespaceWritten = options.flavour === 'jabberd2';
    this.#stream = new JabberStream(
      socket,
      {
        ns: NS_COMPONENT,
        writtenNs: isNamespaceWritten ? NS_COMPONENT : NS_CLIENT,
        domain: options.hub.domain,
        limitBytes: COMPONENT_LIMIT_BYTES,
      },
      {
        header: (root) => this.#header(root),
        stanza: (el) => (this.#domains.length === 0 ? this.#handshake(el) : this.#stanza(el)),
        ended: () => {
          this.#domains = [];
          options.ended();
        },
      },
    );
  }

  /** What this connection gets the traffic of; empty until the handshake. */
  get domains(): readonly string[] {
    return this.#domains;
  }

  send(stanza: Element): void {
    this.#options.log('out', this.#domain, stanza);
    this.#stream.send(stanza);
  }

  /** Bytes of the caller's choice, for tests of what a gateway does with bad input. */
  write(data: string): void {
    this.#stream.write(data);
  }

  fail(condition: string, description?: string): void {
    this.#stream.fail(condition, description);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #header(root: Element): void {
    const { to, version } = root.attrs;
    const { flavour, secrets } = this.#options;
    if (to === undefined) return this.#stream.fail('improper-addressing');
    // ejabberd says so at the handshake only, as not-authorized.
    if (!Object.hasOwn(secrets, to) && flavour !== 'ejabberd') {
      return this.#stream.fail('host-unknown', `${to} is not a configured component`);
    }
    this.#domain = to;
    this.#isOfferedSasl = flavour === 'jabberd2' && version !== undefined;
    this.#stream.open({ from: to, version: this.#isOfferedSasl ? '1.0' : undefined });
    if (!this.#isOfferedSasl) return;
    const mechanism = element('mechanism', NS_SASL, {}, ['DIGEST-MD5']);
    const mechanisms = element('mechanisms', NS_SASL, {}, [mechanism]);
    this.#stream.send(element('stream:features', NS_COMPONENT, {}, [mechanisms]));
  }

  /** XEP-0114 §3: lower-case hex SHA-1 of stream id and secret. */
  #handshake(el: Element): void {
    const { flavour, secrets, isTaken } = this.#options;
    const secret = Object.hasOwn(secrets, this.#domain) ? secrets[this.#domain] : undefined;
    const expected = createHash('sha1').update(`${this.#stream.id}${secret}`).digest('hex');
    const isHandshake = el.name === 'handshake' && elements(el).length === 0;
    if (!isHandshake || secret === undefined || text(el) !== expected || this.#isOfferedSasl) {
      return this.#stream.fail('not-authorized', 'Given token does not match calculated token');
    }
    if (flavour === 'prosody' && isTaken(this.#domain)) {
      return this.#stream.fail('conflict', 'Component already connected');
    }
    this.#domains = flavour === 'ejabberd' ? Object.keys(secrets) : [this.#domain];
    const isJabberd2 = flavour === 'jabberd2';
    const behind =
      (isJabberd2 ? this.#pipelinedQueries() : '') + this.#options.announcement(this.#domain);
    this.#stream.write(`<handshake${isJabberd2 ? ` xmlns='${NS_COMPONENT}'` : ''}/>${behind}`);
    this.#options.attached();
  }

  /** COMPAT(jabberd2, 2.7): its session manager `sm` asks the new component at once, perhaps in the handshake's packet. */
  #pipelinedQueries(): string {
    const query = element('query', NS_DISCO_INFO);
    const attrs = { type: 'get', to: this.#domain, from: 'sm' };
    const queries = [1, 2].map((n) =>
      element('iq', NS_CLIENT, { ...attrs, id: `${this.#stream.id}${n}` }, [query]),
    );
    return queries.map((iq) => serialize(iq)).join('');
  }

  /**
   * An address that is not the component's own ends the stream on Prosody and ejabberd, a missing one on ejabberd; Prosody
   * answers a missing `to` with bad-request. Here both end it, whatever the flavour: a gateway must do neither.
   */
  #stanza(el: Element): void {
    const stanza = renamespace(el, NS_COMPONENT, NS_CLIENT);
    if (stanza.ns !== NS_CLIENT || !STANZAS.has(stanza.name)) {
      return this.#stream.fail('unsupported-stanza-type');
    }
    this.#options.log('in', this.#domain, stanza);
    const { from, to } = stanza.attrs;
    if (from === undefined || to === undefined) {
      const missing = from === undefined ? 'from' : 'to';
      return this.#stream.fail('improper-addressing', `A stanza without '${missing}'`);
    }
    if (!this.#domains.includes(parseJid(from)?.domain ?? '')) {
      return this.#stream.fail('invalid-from', `Component tried to send from address <${from}>`);
    }
    this.#options.hub.route(stanza);
  }
}
