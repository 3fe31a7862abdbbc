import type { Account, JabberHub } from './jabber-standin-hub.ts';
import { bareJid } from './jabber-standin-jid.ts';
import { ROSTER, rosterItemXml, type RosterItem } from './jabber-standin-roster.ts';
import { CLIENT, element, presence, withAttributes } from './jabber-standin-stanza.ts';
import type { XmlNode } from './xml-tree.ts';

export type SubscriptionType = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed';

export function isSubscriptionType(type: string | undefined): type is SubscriptionType {
  return /^(un)?subscribed?$/.test(type ?? '');
}

export interface OutboundSubscription {
  readonly to: string;
  readonly type: SubscriptionType;
  readonly stanza: XmlNode;
}

interface Change {
  readonly hub: JabberHub;
  readonly account: Account;
  readonly contact: string;
  readonly item: RosterItem | undefined;
  /** The stanza with both addresses bare. */
  readonly stanza: XmlNode;
}

type ChangeHandler = (change: Change) => void;

/** RFC 6121 §3, the user's server: what does not change the state is not sent on. */
export function sendSubscription(
  hub: JabberHub,
  account: Account,
  { to, type, stanza }: OutboundSubscription,
): void {
  const item = account.roster.get(to);
  const bare = withAttributes(stanza, { from: account.jid, to });
  OUTBOUND[type]({ hub, account, contact: to, item, stanza: bare });
}

/** RFC 6121 §3, the contact's server: what was not asked for is dropped. */
export function receiveSubscription(
  hub: JabberHub,
  account: Account,
  type: SubscriptionType,
  stanza: XmlNode,
): void {
  const contact = bareJid(stanza.attributes['from'] ?? '');
  const item = account.roster.get(contact);
  const bare = withAttributes(stanza, { from: contact, to: account.jid });
  INBOUND[type]({ hub, account, contact, item, stanza: bare });
}

const OUTBOUND: Readonly<Record<SubscriptionType, ChangeHandler>> = {
  subscribe: ({ hub, account, contact, item, stanza }) => {
    if (item?.to !== true) pushItem(account, account.roster.update(contact, { ask: true }));
    hub.route(stanza);
  },
  unsubscribe: ({ hub, account, contact, item, stanza }) => {
    if (item !== undefined) {
      pushItem(account, account.roster.update(contact, { to: false, ask: false }));
    }
    hub.route(stanza);
  },
  subscribed: ({ hub, account, contact, stanza }) => {
    if (!account.roster.pendingIn.delete(contact)) return;
    pushItem(account, account.roster.update(contact, { from: true }));
    hub.route(stanza);
    sendPresences(hub, account, contact);
  },
  unsubscribed: ({ hub, account, contact, item, stanza }) => {
    if (!account.roster.pendingIn.delete(contact) && item?.from !== true) return;
    if (item !== undefined) pushItem(account, account.roster.update(contact, { from: false }));
    hub.route(stanza);
    if (item?.from === true) sendUnavailable(hub, account, contact);
  },
};

const INBOUND: Readonly<Record<SubscriptionType, ChangeHandler>> = {
  subscribe: ({ hub, account, contact, item, stanza }) => {
    if (item?.from === true) {
      hub.route(presence(account.jid, contact, 'subscribed'));
      return sendPresences(hub, account, contact);
    }
    account.roster.pendingIn.set(contact, stanza);
    toAvailable(account, stanza);
  },
  unsubscribe: ({ hub, account, contact, item, stanza }) => {
    if (!account.roster.pendingIn.delete(contact) && item?.from !== true) return;
    toAvailable(account, stanza);
    if (item?.from !== true) return;
    pushItem(account, account.roster.update(contact, { from: false }));
    sendUnavailable(hub, account, contact);
  },
  subscribed: ({ account, contact, item, stanza }) => {
    if (item?.ask !== true) return;
    pushItem(account, account.roster.update(contact, { to: true, ask: false }));
    toAvailable(account, stanza);
  },
  unsubscribed: ({ account, contact, item, stanza }) => {
    if (item === undefined || (!item.ask && !item.to)) return;
    pushItem(account, account.roster.update(contact, { to: false, ask: false }));
    toAvailable(account, stanza);
  },
};

/** RFC 6121 §2.5.3: removing a contact also ends both subscriptions. */
export function endSubscriptions(hub: JabberHub, account: Account, item: RosterItem): void {
  if (item.to || item.ask) hub.route(presence(account.jid, item.jid, 'unsubscribe'));
  if (account.roster.pendingIn.delete(item.jid) || item.from) {
    hub.route(presence(account.jid, item.jid, 'unsubscribed'));
  }
  if (item.from) sendUnavailable(hub, account, item.jid);
}

export function pushItem(account: Account, item: RosterItem): void {
  push(account, rosterItemXml(item));
}

export function pushRemoval(account: Account, jid: string): void {
  push(account, element('item', ROSTER, { jid, subscription: 'remove' }));
}

function push(account: Account, item: XmlNode): void {
  for (const session of account.sessions.values()) {
    if (!session.wantsRoster) continue;
    const attributes = { type: 'set', id: `push-${crypto.randomUUID()}`, to: session.jid };
    session.send(element('iq', CLIENT, attributes, [element('query', ROSTER, {}, [item])]));
  }
}

function sendPresences(hub: JabberHub, account: Account, to: string): void {
  for (const session of account.sessions.values()) {
    if (session.presence !== undefined) hub.route(withAttributes(session.presence, { to }));
  }
}

function sendUnavailable(hub: JabberHub, account: Account, to: string): void {
  for (const session of account.sessions.values()) {
    if (session.presence !== undefined) hub.route(presence(session.jid, to, 'unavailable'));
  }
}

function toAvailable(account: Account, stanza: XmlNode): void {
  for (const session of account.sessions.values()) {
    if (session.presence !== undefined) session.send(stanza);
  }
}
