import type { Account, JabberFlavour, JabberHub } from './jabber-standin-hub.ts';
import { requestToServer } from './jabber-standin-iq.ts';
import { bareJid, parseJid, type ParsedJid } from './jabber-standin-jid.ts';
import { messageToAccount } from './jabber-standin-message.ts';
import { presenceToAccount } from './jabber-standin-presence.ts';
import { errorReply, presence, type ErrorType } from './jabber-standin-stanza.ts';
import { isSubscriptionType, receiveSubscription } from './jabber-standin-subscription.ts';
import { elements, type XmlNode } from './xml-tree.ts';

export interface ComponentConnection {
  readonly domain: string;
  send(stanza: XmlNode): void;
  destroy(): void;
}

interface Absence {
  readonly type: ErrorType;
  readonly condition: string;
  readonly text?: string;
}

/** What each server was seen to answer while a component is away. */
const ABSENCE: Readonly<Record<JabberFlavour, Absence>> = {
  prosody: { type: 'wait', condition: 'remote-server-timeout', text: 'not-connected' },
  ejabberd: { type: 'auth', condition: 'forbidden', text: 'Server connections are denied' },
  jabberd2: { type: 'cancel', condition: 'item-not-found' },
};

export class JabberRouter implements JabberHub {
  readonly domain: string;
  readonly flavour: JabberFlavour;
  readonly accounts = new Map<string, Account>();
  readonly componentDomains: readonly string[];
  readonly #connections: ComponentConnection[] = [];
  #turn = 0;

  constructor(domain: string, flavour: JabberFlavour, componentDomains: readonly string[]) {
    this.domain = domain;
    this.flavour = flavour;
    this.componentDomains = componentDomains;
  }

  /** False where this server takes one connection for each component only. */
  attach(connection: ComponentConnection): boolean {
    const isTaken = this.#connections.some(({ domain }) => domain === connection.domain);
    if (isTaken && this.flavour === 'prosody') return false;
    this.#connections.push(connection);
    return true;
  }

  detach(connection: ComponentConnection): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
  }

  drop(domain: string): void {
    for (const connection of this.#connections.filter((each) => each.domain === domain)) {
      this.detach(connection);
      connection.destroy();
    }
  }

  refuse(stanza: XmlNode, type: ErrorType, condition: string, text?: string): void {
    const echoesPayload = this.flavour !== 'prosody';
    const fault = { type, condition, echoesPayload, ...(text === undefined ? {} : { text }) };
    const reply = errorReply(stanza, fault);
    if (reply !== undefined) this.route(reply);
  }

  route(stanza: XmlNode): void {
    const to = parseJid(stanza.attributes['to'] ?? '');
    if (to === undefined) return;
    if (!isSoundIq(stanza)) return this.refuse(stanza, 'modify', 'bad-request');
    if (this.componentDomains.includes(to.domain)) return this.#toComponent(to.domain, stanza);
    if (to.domain !== this.domain) {
      return this.refuse(stanza, 'cancel', 'remote-server-not-found');
    }
    if (to.local === undefined) return this.#toServer(stanza);
    const account = this.accounts.get(to.local);
    if (account === undefined) return this.#toNobody(stanza);
    this.#toAccount(account, to, stanza);
  }

  #toComponent(domain: string, stanza: XmlNode): void {
    const candidates = this.#connections.filter(
      (connection) => this.flavour === 'ejabberd' || connection.domain === domain,
    );
    if (candidates.length === 0) {
      const { type, condition, text } = ABSENCE[this.flavour];
      return this.refuse(stanza, type, condition, text);
    }
    candidates[this.#shard(stanza) % candidates.length]?.send(stanza);
  }

  /** Of several connections ejabberd takes each in turn, jabberd2 always the same for a sender. */
  #shard(stanza: XmlNode): number {
    if (this.flavour === 'ejabberd') return this.#turn++;
    const sender = bareJid(stanza.attributes['from'] ?? '');
    return Buffer.from(sender).reduce((sum, byte) => sum + byte, 0);
  }

  #toServer(stanza: XmlNode): void {
    if (stanza.name === 'iq') return requestToServer(this, stanza);
    if (stanza.name === 'message') this.refuse(stanza, 'cancel', 'service-unavailable');
  }

  #toNobody(stanza: XmlNode): void {
    if (stanza.name !== 'presence') return this.refuse(stanza, 'cancel', 'service-unavailable');
    const { from = '', to = '', type } = stanza.attributes;
    if (type !== 'probe' && type !== 'subscribe') return;
    this.route(presence(bareJid(to), from, 'unsubscribed'));
  }

  #toAccount(account: Account, to: ParsedJid, stanza: XmlNode): void {
    const { type } = stanza.attributes;
    if (stanza.name === 'message') return messageToAccount(this, account, stanza);
    if (stanza.name === 'presence') {
      return isSubscriptionType(type)
        ? receiveSubscription(this, account, type, stanza)
        : presenceToAccount(this, account, stanza);
    }
    if (to.resource === undefined) return requestToServer(this, stanza, account);
    const session = account.sessions.get(to.resource);
    if (session !== undefined) return session.send(stanza);
    this.refuse(stanza, 'cancel', 'service-unavailable');
  }
}

/** RFC 6120 §8.2.3. */
function isSoundIq(stanza: XmlNode): boolean {
  if (stanza.name !== 'iq') return true;
  const { id, type = '' } = stanza.attributes;
  if (id === undefined || id === '') return false;
  const isRequest = type === 'get' || type === 'set';
  return isRequest ? elements(stanza).length === 1 : type === 'result' || type === 'error';
}
