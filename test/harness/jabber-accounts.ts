import type { Jid } from './jid.ts';
import type { Element } from './xml-element.ts';

export type Subscription = 'none' | 'to' | 'from' | 'both';

export interface RosterItem {
  readonly jid: string;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly subscription: Subscription;
  readonly isAsking: boolean;
}

/** One connected and bound client of an account. */
export interface Resource {
  readonly jid: Jid;
  /** The last presence it broadcast; `undefined` while unavailable. */
  presence: Element | undefined;
  priority: number;
  /** It has asked for the roster, so it gets pushes (RFC 6121 §2.1.6). */
  isInterested: boolean;
  /** Whom it sent presence that its subscriptions do not explain; they hear of its end too. */
  readonly directed: Set<string>;
  send(stanza: Element): void;
  /** Ends the stream with this stream error. */
  end(condition: string): void;
}

const MAX_OFFLINE_MESSAGES = 100;

export class Account {
  readonly name: string;
  password: string;
  readonly roster = new Map<string, RosterItem>();
  /** Requests not answered yet: bare address and the stanza that asked. */
  readonly pendingIn = new Map<string, Element>();
  readonly resources = new Map<string, Resource>();
  readonly privateData = new Map<string, Element>();
  /** What the account has published (XEP-0163): items by id, by node. */
  readonly nodes = new Map<string, Map<string, Element>>();
  vcard: Element | undefined;
  #offline: Element[] = [];

  constructor(name: string, password: string) {
    this.name = name;
    this.password = password;
  }

  /** Those with presence, highest priority first. */
  available(): Resource[] {
    return [...this.resources.values()]
      .filter((resource) => resource.presence !== undefined)
      .sort((a, b) => b.priority - a.priority);
  }

  subscriptionOf(jid: string): Subscription {
    return this.roster.get(jid)?.subscription ?? 'none';
  }

  /** Keeps a message for later; false when there is no room. */
  keepOffline(message: Element): boolean {
    if (this.#offline.length >= MAX_OFFLINE_MESSAGES) return false;
    this.#offline.push(message);
    return true;
  }

  takeOffline(): Element[] {
    const messages = this.#offline;
    this.#offline = [];
    return messages;
  }
}

/** The contact may see this account's presence. */
export function isFrom(subscription: Subscription): boolean {
  return subscription === 'from' || subscription === 'both';
}

/** This account sees the contact's presence. */
export function isTo(subscription: Subscription): boolean {
  return subscription === 'to' || subscription === 'both';
}

export function makeSubscription(to: boolean, from: boolean): Subscription {
  if (to) return from ? 'both' : 'to';
  return from ? 'from' : 'none';
}
