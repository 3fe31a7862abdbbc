import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Account, Resource } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { answerLegacyAuthentication, NS_AUTH } from './jabber-legacy-authentication.ts';
import { leave, presenceOut } from './jabber-presence.ts';
import { answerRegistration, NS_REGISTER } from './jabber-registration.ts';
import { handleRosterIq, NS_ROSTER } from './jabber-roster.ts';
import { SASL_MECHANISMS, type SaslExchange, type SaslStep } from './jabber-sasl.ts';
import { JabberStream } from './jabber-stream.ts';
import { parseJid } from './jid.ts';
import { errorReply, NS_CLIENT, resultReply } from './stanza-replies.ts';
import {
  child,
  childText,
  element,
  elements,
  text,
  withAttributes,
  type Element,
} from './xml-element.ts';

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const NS_SESSION = 'urn:ietf:params:xml:ns:xmpp-session';
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const CLIENT_LIMIT_BYTES = 256 * 1024;
const STANZAS = new Set(['message', 'presence', 'iq']);

export interface ClientSessionOptions {
  readonly hub: JabberHub;
  readonly secureContext: SecureContext | undefined;
  readonly log: (direction: 'in' | 'out', peer: string, stanza: Element) => void;
  readonly ended: (session: ClientSession) => void;
}

/** One client's connection: from the stream header over authentication and binding to stanzas. */
export class ClientSession {
  readonly #options: ClientSessionOptions;
  readonly #hub: JabberHub;
  readonly #stream: JabberStream;
  #exchange: SaslExchange | undefined;
  #account: Account | undefined;
  #resource: Resource | undefined;

  constructor(socket: Socket, options: ClientSessionOptions) {
    this.#options = options;
    this.#hub = options.hub;
    const { domain } = this.#hub;
    this.#stream = new JabberStream(
      socket,
      { ns: NS_CLIENT, writtenNs: NS_CLIENT, domain, limitBytes: CLIENT_LIMIT_BYTES },
      {
        header: (root) => this.#header(root),
        stanza: (el) => this.#stanza(el),
        ended: () => this.#ended(),
      },
    );
  }

  get jid(): string | undefined {
    return this.#resource?.jid.full;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  shutDown(): void {
    this.#stream.fail('system-shutdown');
  }

  /** RFC 6120 §4.3.2; a header without version is that of a client from before SASL (XEP-0078). */
  #header(root: Element): void {
    if (root.attrs['to'] !== this.#hub.domain) {
      this.#stream.fail('host-unknown');
      return;
    }
    if (root.attrs['version'] === undefined) {
      this.#stream.open({});
      return;
    }
    this.#stream.open({ version: '1.0' });
    this.#stream.send(element('stream:features', NS_CLIENT, {}, this.#features()));
  }

  #features(): Element[] {
    if (this.#account !== undefined) {
      return [
        element('bind', NS_BIND),
        element('session', NS_SESSION, {}, [element('optional', NS_SESSION)]),
      ];
    }
    const names = Object.keys(SASL_MECHANISMS);
    const mechanisms = names.map((name) => element('mechanism', NS_SASL, {}, [name]));
    const startTls =
      this.#options.secureContext === undefined || this.#stream.isSecure
        ? []
        : [element('starttls', NS_TLS)];
    return [
      ...startTls,
      element('mechanisms', NS_SASL, {}, mechanisms),
      element('auth', 'http://jabber.org/features/iq-auth'),
      element('register', 'http://jabber.org/features/iq-register'),
    ];
  }

  #stanza(el: Element): void {
    if (this.#account === undefined) this.#beforeLogin(el);
    else if (this.#resource === undefined) this.#beforeBinding(this.#account, el);
    else this.#bound(this.#account, this.#resource, el);
  }

  #beforeLogin(el: Element): void {
    const payload = el.name === 'iq' ? elements(el)[0] : undefined;
    if (el.ns === NS_SASL) this.#sasl(el);
    else if (el.ns === NS_TLS && el.name === 'starttls') this.#startTls();
    else if (payload?.ns === NS_AUTH) this.#legacyAuthentication(el);
    else if (payload?.ns === NS_REGISTER) {
      this.#send(answerRegistration(this.#hub, el, undefined) ?? resultReply(el));
    } else this.#stream.fail('not-authorized');
  }

  /** RFC 6120 §5.4.2. */
  #startTls(): void {
    const { secureContext } = this.#options;
    if (secureContext === undefined || this.#stream.isSecure) {
      this.#stream.send(element('failure', NS_TLS));
      this.#stream.close();
      return;
    }
    this.#stream.send(element('proceed', NS_TLS));
    this.#stream.startTls(secureContext);
  }

  /** RFC 6120 §6.4. */
  #sasl(el: Element): void {
    const data = Buffer.from(text(el) === '=' ? '' : text(el), 'base64').toString();
    if (el.name === 'auth') {
      const mechanism = el.attrs['mechanism'] ?? '';
      if (!Object.hasOwn(SASL_MECHANISMS, mechanism)) {
        this.#saslResult({ kind: 'failure', condition: 'invalid-mechanism' });
        return;
      }
      this.#exchange = SASL_MECHANISMS[mechanism]?.((user) => this.#passwordOf(user));
    } else if (el.name !== 'response' || this.#exchange === undefined) {
      const condition = el.name === 'abort' ? 'aborted' : 'malformed-request';
      this.#saslResult({ kind: 'failure', condition });
      return;
    }
    if (this.#exchange !== undefined) this.#saslResult(this.#exchange.next(data));
  }

  #saslResult(step: SaslStep): void {
    if (step.kind === 'failure') {
      this.#exchange = undefined;
      this.#stream.send(element('failure', NS_SASL, {}, [element(step.condition, NS_SASL)]));
      return;
    }
    const data = Buffer.from(step.data).toString('base64');
    this.#stream.send(element(step.kind, NS_SASL, {}, data === '' ? [] : [data]));
    if (step.kind === 'challenge') return;
    this.#account = this.#hub.accounts.get(step.user);
    this.#stream.restart();
  }

  #legacyAuthentication(iq: Element): void {
    const { reply, login } = answerLegacyAuthentication(iq, this.#stream.id, (user) =>
      this.#passwordOf(user),
    );
    if (login !== undefined) {
      this.#account = this.#hub.accounts.get(login.user);
      if (this.#account !== undefined) this.#bind(this.#account, login.resource);
    }
    this.#send(reply);
  }

  /** RFC 6120 §7. */
  #beforeBinding(account: Account, el: Element): void {
    const bind = child(el, 'bind', NS_BIND);
    if (el.name !== 'iq' || el.attrs['type'] !== 'set' || bind === undefined) {
      this.#stream.fail('not-authorized');
      return;
    }
    const wanted = childText(bind, 'resource') ?? '';
    const jid = this.#bind(account, wanted === '' ? randomBytes(6).toString('hex') : wanted);
    this.#send(resultReply(el, element('bind', NS_BIND, {}, [element('jid', NS_BIND, {}, [jid])])));
  }

  #bind(account: Account, resource: string): string {
    const jid = parseJid(`${account.name}@${this.#hub.domain}/${resource}`);
    if (jid === undefined) throw new Error(`cannot bind ${resource}`);
    account.resources.get(resource)?.end('conflict');
    this.#resource = {
      jid,
      presence: undefined,
      priority: 0,
      isInterested: false,
      directed: new Set(),
      send: (stanza) => this.#send(stanza),
      end: (condition) => this.#stream.fail(condition),
    };
    account.resources.set(resource, this.#resource);
    return jid.full;
  }

  /** RFC 6120 §8.1.2.1: the server vouches for `from`; a client that claims another address is thrown out. */
  #bound(account: Account, resource: Resource, el: Element): void {
    if (el.ns !== NS_CLIENT || !STANZAS.has(el.name)) {
      this.#stream.fail('unsupported-stanza-type');
      return;
    }
    const { from } = el.attrs;
    if (from !== undefined && from !== resource.jid.full && from !== resource.jid.bare) {
      this.#stream.fail('invalid-from');
      return;
    }
    const stanza = withAttributes(el, { from: resource.jid.full });
    this.#options.log('in', resource.jid.full, stanza);
    if (stanza.name === 'presence') presenceOut(this.#hub, account, resource, stanza);
    else if (stanza.name === 'iq' && this.#isForOwnAccount(stanza, resource)) {
      this.#ownIq(account, resource, stanza);
    } else {
      this.#hub.route(withAttributes(stanza, { to: stanza.attrs['to'] ?? resource.jid.bare }));
    }
  }

  #isForOwnAccount(iq: Element, resource: Resource): boolean {
    const { to } = iq.attrs;
    return to === undefined || to === resource.jid.bare || to === this.#hub.domain;
  }

  /** Services for the owner alone; the rest is answered as for everybody. */
  #ownIq(account: Account, resource: Resource, iq: Element): void {
    const { type, to } = iq.attrs;
    const [payload] = elements(iq);
    if (type !== 'get' && type !== 'set') return;
    if (payload?.ns === NS_ROSTER && iq.attrs['id'] !== undefined) {
      const reply = handleRosterIq(this.#hub, account, resource, iq);
      if (reply !== undefined) this.#send(reply);
    } else if (payload?.ns === NS_REGISTER) {
      const reply = answerRegistration(this.#hub, iq, account);
      if (reply !== undefined) this.#send(reply);
    } else if (payload?.ns === NS_SESSION) {
      this.#send(resultReply(iq));
    } else if (payload?.ns === NS_BIND) {
      const refusal = errorReply(iq, 'cancel', 'not-allowed');
      if (refusal !== undefined) this.#send(refusal);
    } else {
      this.#hub.route(withAttributes(iq, { to: to ?? resource.jid.bare }));
    }
  }

  #passwordOf(user: string): string | undefined {
    return this.#hub.accounts.get(user)?.password;
  }

  #send(stanza: Element): void {
    if (this.#stream.isEnded) return;
    this.#options.log('out', this.jid ?? '', stanza);
    this.#stream.send(stanza);
  }

  #ended(): void {
    const resource = this.#resource;
    const account = this.#account;
    this.#resource = undefined;
    if (resource !== undefined && account !== undefined) {
      if (account.resources.get(resource.jid.resource) === resource) {
        account.resources.delete(resource.jid.resource);
      }
      leave(this.#hub, account, resource);
    }
    this.#options.ended(this);
  }
}
