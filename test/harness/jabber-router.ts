import type { Account } from './jabber-accounts.ts';
import { answerAccountIq } from './jabber-account-services.ts';
import type { JabberHub } from './jabber-hub.ts';
import { answerPrivilegedIq, type ComponentPrivileges } from './jabber-privileges.ts';
import { presenceIn } from './jabber-presence.ts';
import { answerServerIq } from './jabber-server-services.ts';
import { parseJid, type Jid } from './jid.ts';
import { errorReply, NS_CLIENT } from './stanza-replies.ts';
import { element, elements, withAttributes, type Element } from './xml-element.ts';

/** The way out to the components' domains. */
export interface ComponentRoutes {
  readonly domains: readonly string[];
  /** Gives the stanza to the component; if that is away, gives back the error for the sender, where there is one. */
  deliver(domain: string, stanza: Element): Element | undefined;
  /** XEP-0356. */
  privilegesOf(domain: string): ComponentPrivileges | undefined;
  hangUp(domain: string): void;
}

/** RFC 6121 §8: where each stanza goes, and the error if it cannot go there. */
export class JabberRouter implements JabberHub {
  readonly domain: string;
  readonly accounts: Map<string, Account>;
  readonly #components: ComponentRoutes;

  constructor(domain: string, accounts: Map<string, Account>, components: ComponentRoutes) {
    this.domain = domain;
    this.accounts = accounts;
    this.#components = components;
  }

  get componentDomains(): readonly string[] {
    return this.#components.domains;
  }

  route(stanza: Element): void {
    const to = parseJid(stanza.attrs['to'] ?? '');
    if (to === undefined) return this.#refuse(stanza, 'modify', 'jid-malformed');
    const isMalformed = stanza.name === 'iq' && !isValidIq(stanza);
    if (isMalformed) return this.#refuse(stanza, 'modify', 'bad-request');
    if (this.#components.domains.includes(to.domain)) {
      const error = this.#components.deliver(to.domain, stanza);
      if (error !== undefined) this.route(error);
    } else if (to.domain === this.domain) {
      this.#deliver(to, stanza);
    } else {
      this.#refuse(stanza, 'cancel', 'remote-server-not-found');
    }
  }

  #deliver(to: Jid, stanza: Element): void {
    const account = this.accounts.get(to.local);
    if (stanza.name === 'message') this.#message(to, account, stanza);
    else if (stanza.name === 'iq') this.#iq(to, account, stanza);
    else if (to.local === '') this.#presenceToServer(stanza);
    else presenceIn(this, account, to, stanza);
  }

  /** RFC 6121 §8.5.2.1.1 and §8.5.3: by full address, else to the clients of the highest priority, else kept. */
  #message(to: Jid, account: Account | undefined, stanza: Element): void {
    const exact = account?.resources.get(to.resource);
    if (exact !== undefined) return exact.send(stanza);
    const type = stanza.attrs['type'] ?? 'normal';
    if (type === 'error' || to.local === '') return;
    const available = account?.available().filter(({ priority }) => priority >= 0) ?? [];
    if (type === 'headline') {
      for (const resource of available) resource.send(stanza);
      return;
    }
    const highest = available.filter(({ priority }) => priority === available[0]?.priority);
    if (account === undefined || type === 'groupchat') {
      this.#refuse(stanza, 'cancel', 'service-unavailable');
    } else if (highest.length > 0) {
      for (const resource of highest) resource.send(stanza);
    } else if (!account.keepOffline(delayed(stanza, this.domain))) {
      this.#refuse(stanza, 'cancel', 'service-unavailable');
    }
  }

  #iq(to: Jid, account: Account | undefined, stanza: Element): void {
    if (to.resource !== '') {
      const resource = account?.resources.get(to.resource);
      if (resource === undefined) this.#refuse(stanza, 'cancel', 'service-unavailable');
      else resource.send(stanza);
      return;
    }
    const { type } = stanza.attrs;
    if (type === 'result' || type === 'error') return;
    const reply = this.#answer(to, account, stanza);
    if (reply === undefined) this.#refuse(stanza, 'cancel', 'service-unavailable');
    else if (reply !== 'silence') this.route(reply);
  }

  #answer(to: Jid, account: Account | undefined, iq: Element): Element | 'silence' | undefined {
    if (to.local === '') return answerServerIq(this, iq);
    if (account === undefined) return undefined;
    const sender = parseJid(iq.attrs['from'] ?? '')?.domain ?? '';
    const privileges = this.#components.privilegesOf(sender);
    const reply =
      privileges === undefined ? undefined : answerPrivilegedIq(account, iq, privileges);
    if (reply === 'hang up') this.#components.hangUp(sender);
    if (reply === 'hang up' || reply === 'silence') return 'silence';
    return reply ?? answerAccountIq(this, account, iq);
  }

  #presenceToServer(stanza: Element): void {
    const { from, id, type } = stanza.attrs;
    if (type !== 'probe' && type !== 'subscribe') return;
    const reply = { from: this.domain, to: from, id };
    if (type === 'subscribe') {
      this.route(element('presence', NS_CLIENT, { ...reply, type: 'subscribed' }));
    }
    this.route(element('presence', NS_CLIENT, reply));
  }

  #refuse(stanza: Element, type: 'cancel' | 'modify', condition: string): void {
    const from = parseJid(stanza.attrs['from'] ?? '');
    const error = errorReply(stanza, type, condition);
    if (error === undefined || from === undefined || stanza.name === 'presence') return;
    this.route(withAttributes(error, { from: stanza.attrs['to'] ?? this.domain }));
  }
}

/** RFC 6120 §8.2.3. */
function isValidIq(stanza: Element): boolean {
  const { id, type } = stanza.attrs;
  if (id === undefined || type === undefined) return false;
  if (type === 'get' || type === 'set') return elements(stanza).length === 1;
  return type === 'result' || type === 'error';
}

/** XEP-0203: when a message kept for later came in. */
function delayed(stanza: Element, from: string): Element {
  const attrs = { from, stamp: new Date().toISOString() };
  return { ...stanza, children: [...stanza.children, element('delay', 'urn:xmpp:delay', attrs)] };
}
