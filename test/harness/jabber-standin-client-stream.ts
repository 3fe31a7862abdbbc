import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Account, ClientSession, JabberHub } from './jabber-standin-hub.ts';
import { parseJid } from './jabber-standin-jid.ts';
import { leave, presenceFromClient } from './jabber-standin-presence.ts';
import { REGISTER, registerAccount } from './jabber-standin-registration.ts';
import { SASL_MECHANISMS, SaslNegotiation, type SaslStep } from './jabber-standin-sasl.ts';
import {
  CLIENT,
  element,
  errorReply,
  resultReply,
  withAttributes,
} from './jabber-standin-stanza.ts';
import { JabberStream } from './jabber-standin-stream.ts';
import { childOf, elements, textOf, type XmlNode } from './xml-tree.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const SESSION = 'urn:ietf:params:xml:ns:xmpp-session';
const LEGACY_AUTH = 'jabber:iq:auth';
const MAX_ATTEMPTS = 5;

const FEATURES_BEFORE_LOGIN =
  `<stream:features><mechanisms xmlns='${SASL}'>` +
  SASL_MECHANISMS.map((mechanism) => `<mechanism>${mechanism}</mechanism>`).join('') +
  "</mechanisms><auth xmlns='http://jabber.org/features/iq-auth'/>" +
  "<register xmlns='http://jabber.org/features/iq-register'/></stream:features>";

const FEATURES_AFTER_LOGIN =
  `<stream:features><bind xmlns='${BIND}'/>` +
  `<session xmlns='${SESSION}'><optional/></session></stream:features>`;

/** RFC 6120: the server's end of a client's connection. */
export class JabberClientStream {
  readonly #hub: JabberHub;
  readonly #stream: JabberStream;
  readonly #sasl: SaslNegotiation;
  #account: Account | undefined;
  #session: ClientSession | undefined;
  #failures = 0;

  constructor(socket: Socket, hub: JabberHub) {
    this.#hub = hub;
    this.#sasl = new SaslNegotiation((user) => hub.accounts.get(user)?.password);
    this.#stream = new JabberStream(
      socket,
      { domain: hub.domain, namespace: CLIENT },
      {
        header: (header) => this.#header(header),
        stanza: (stanza) => this.#stanza(stanza),
        ended: () => this.#ended(),
      },
    );
  }

  #header(header: XmlNode): void {
    const { to, version } = header.attributes;
    if (to?.toLowerCase() !== this.#hub.domain) return this.#stream.fail('host-unknown');
    if (version === undefined) return this.#stream.open();
    this.#stream.open(" version='1.0'");
    this.#stream.write(this.#account === undefined ? FEATURES_BEFORE_LOGIN : FEATURES_AFTER_LOGIN);
  }

  #stanza(stanza: XmlNode): void {
    if (this.#session !== undefined) return this.#fromUser(this.#session, stanza);
    if (stanza.namespace === SASL && this.#account === undefined) return this.#authenticate(stanza);
    const [payload] = elements(stanza);
    if (stanza.name !== 'iq' || payload === undefined) return this.#stream.fail('not-authorized');
    this.#beforeSession(stanza, payload);
  }

  #beforeSession(iq: XmlNode, payload: XmlNode): void {
    if (this.#account !== undefined) {
      return payload.namespace === BIND && iq.attributes['type'] === 'set'
        ? this.#bind(this.#account, iq, textOf(childOf(payload, 'resource')))
        : this.#stream.fail('not-authorized');
    }
    if (payload.namespace === LEGACY_AUTH) return this.#legacyAuth(iq, payload);
    const reply =
      payload.namespace === REGISTER
        ? registerAccount(this.#hub, iq, payload)
        : errorReply(iq, { type: 'auth', condition: 'not-authorized' });
    if (reply !== undefined) this.#stream.send(reply);
  }

  /** RFC 6120 §6.4. */
  #authenticate(stanza: XmlNode): void {
    const data = textOf(stanza).trim();
    if (stanza.name === 'auth') {
      return this.#saslStep(this.#sasl.start(stanza.attributes['mechanism'] ?? '', data));
    }
    if (stanza.name === 'response') return this.#saslStep(this.#sasl.respond(data));
    this.#saslStep({ kind: 'failure', condition: 'aborted' });
  }

  #saslStep(step: SaslStep): void {
    if (step.kind === 'challenge') {
      return this.#stream.write(`<challenge xmlns='${SASL}'>${step.data}</challenge>`);
    }
    if (step.kind === 'failure') {
      this.#stream.write(`<failure xmlns='${SASL}'><${step.condition}/></failure>`);
      return this.#countFailure();
    }
    this.#account = this.#hub.accounts.get(step.user);
    this.#stream.write(`<success xmlns='${SASL}'>${step.data}</success>`);
    this.#stream.restart();
  }

  #countFailure(): void {
    this.#failures += 1;
    if (this.#failures >= MAX_ATTEMPTS) this.#stream.fail('policy-violation');
  }

  /** RFC 6120 §7. */
  #bind(account: Account, iq: XmlNode, wanted: string): void {
    const resource = wanted === '' ? randomBytes(6).toString('hex') : wanted;
    if (parseJid(`${account.jid}/${resource}`) === undefined) {
      return this.#refuse(iq, 'bad-request');
    }
    const { jid } = this.#begin(account, resource);
    const bound = element('bind', BIND, {}, [element('jid', BIND, {}, [jid])]);
    this.#stream.send(resultReply(iq, bound));
  }

  /** XEP-0078 §3, with a plain password. */
  #legacyAuth(iq: XmlNode, query: XmlNode): void {
    const user = textOf(childOf(query, 'username')).toLowerCase();
    const resource = textOf(childOf(query, 'resource'));
    if (iq.attributes['type'] === 'get') {
      const fields = ['username', 'password', 'resource'];
      const children = fields.map((name) =>
        element(name, LEGACY_AUTH, {}, name === 'username' && user !== '' ? [user] : []),
      );
      return this.#stream.send(resultReply(iq, element('query', LEGACY_AUTH, {}, children)));
    }
    if (user === '' || resource === '') return this.#refuse(iq, 'not-acceptable');
    const account = this.#hub.accounts.get(user);
    if (account === undefined || account.password !== textOf(childOf(query, 'password'))) {
      const reply = errorReply(iq, { type: 'auth', condition: 'not-authorized' });
      if (reply !== undefined) this.#stream.send(reply);
      return this.#countFailure();
    }
    this.#begin(account, resource);
    this.#stream.send(resultReply(iq));
  }

  #refuse(iq: XmlNode, condition: string): void {
    const reply = errorReply(iq, { type: 'modify', condition });
    if (reply !== undefined) this.#stream.send(reply);
  }

  /** RFC 6120 §7.7.2.2: a newcomer of the same resource wins. */
  #begin(account: Account, resource: string): ClientSession {
    account.sessions.get(resource)?.kick('conflict');
    const session: ClientSession = {
      account,
      resource,
      jid: `${account.jid}/${resource}`,
      presence: undefined,
      priority: 0,
      wantsRoster: false,
      directed: new Set(),
      send: (stanza) => this.#stream.send(stanza),
      kick: (condition) => this.#stream.fail(condition),
    };
    account.sessions.set(resource, session);
    this.#session = session;
    return session;
  }

  #fromUser(session: ClientSession, stanza: XmlNode): void {
    if (!['message', 'presence', 'iq'].includes(stanza.name) || stanza.namespace !== CLIENT) {
      return this.#stream.fail('unsupported-stanza-type');
    }
    const { from, to } = stanza.attributes;
    if (from !== undefined && from !== session.jid && from !== session.account.jid) {
      return this.#stream.fail('invalid-from');
    }
    const stamped = withAttributes(stanza, { from: session.jid });
    if (to !== undefined && parseJid(to) === undefined) {
      return this.#refuse(stamped, 'jid-malformed');
    }
    if (stanza.name === 'presence') return presenceFromClient(this.#hub, session, stamped);
    this.#hub.route(withAttributes(stamped, { to: to ?? session.account.jid }));
  }

  #ended(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    const { sessions } = session.account;
    if (sessions.get(session.resource) === session) sessions.delete(session.resource);
    leave(this.#hub, session);
  }
}
