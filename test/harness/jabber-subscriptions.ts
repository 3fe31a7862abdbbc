import { isFrom, isTo, makeSubscription, type Account } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { updateRoster } from './jabber-roster.ts';
import { NS_CLIENT } from './stanza-replies.ts';
import { element, withAttributes, type Element } from './xml-element.ts';

type Step = (hub: JabberHub, account: Account, contact: string, stanza: Element) => void;

/** RFC 6121 §3 and appendix A.2: what an account's own subscription stanza does; Prosody's reading of it. */
const OUTBOUND: Readonly<Record<string, Step>> = {
  subscribe(hub, account, contact, stanza) {
    if (!isTo(account.subscriptionOf(contact))) updateRoster(account, contact, { isAsking: true });
    hub.route(stanza);
  },

  unsubscribe(hub, account, contact, stanza) {
    const subscription = account.subscriptionOf(contact);
    if (account.roster.has(contact)) {
      const after = makeSubscription(false, isFrom(subscription));
      updateRoster(account, contact, { subscription: after, isAsking: false });
    }
    hub.route(stanza);
  },

  subscribed(hub, account, contact, stanza) {
    const subscription = account.subscriptionOf(contact);
    if (account.pendingIn.delete(contact)) {
      const after = makeSubscription(isTo(subscription), true);
      updateRoster(account, contact, { subscription: after });
    }
    if (!isFrom(account.subscriptionOf(contact))) return;
    hub.route(stanza);
    sendPresences(hub, account, contact);
  },

  unsubscribed(hub, account, contact, stanza) {
    const subscription = account.subscriptionOf(contact);
    const wasPending = account.pendingIn.delete(contact);
    if (!wasPending && !isFrom(subscription)) return;
    hub.route(stanza);
    if (!isFrom(subscription)) return;
    updateRoster(account, contact, { subscription: makeSubscription(isTo(subscription), false) });
    for (const resource of account.available()) {
      const attrs = { from: resource.jid.full, to: contact, type: 'unavailable' };
      hub.route(element('presence', NS_CLIENT, attrs));
    }
  },
};

/** RFC 6121 appendix A.3: what a contact's subscription stanza does to an account. */
const INBOUND: Readonly<Record<string, Step>> = {
  probe(hub, account, contact, stanza) {
    const from = bareOf(hub, account);
    if (isFrom(account.subscriptionOf(contact))) {
      if (sendPresences(hub, account, stanza.attrs['from'] ?? contact) > 0) return;
      hub.route(presence(from, stanza.attrs['from'] ?? contact, 'unavailable'));
    } else {
      hub.route(presence(from, contact, 'unsubscribed'));
    }
  },

  subscribe(hub, account, contact, stanza) {
    if (isFrom(account.subscriptionOf(contact))) {
      hub.route(presence(bareOf(hub, account), contact, 'subscribed'));
      sendPresences(hub, account, contact);
      return;
    }
    if (account.pendingIn.has(contact)) return;
    account.pendingIn.set(contact, stanza);
    for (const resource of account.available()) resource.send(stanza);
  },

  unsubscribe(_hub, account, contact, stanza) {
    const subscription = account.subscriptionOf(contact);
    const wasPending = account.pendingIn.delete(contact);
    if (!wasPending && !isFrom(subscription)) return;
    tellInterested(account, stanza);
    if (!account.roster.has(contact)) return;
    updateRoster(account, contact, { subscription: makeSubscription(isTo(subscription), false) });
  },

  subscribed(_hub, account, contact, stanza) {
    const item = account.roster.get(contact);
    if (item === undefined || !item.isAsking) return;
    tellInterested(account, stanza);
    const subscription = makeSubscription(true, isFrom(item.subscription));
    updateRoster(account, contact, { subscription, isAsking: false });
  },

  unsubscribed(_hub, account, contact, stanza) {
    const item = account.roster.get(contact);
    if (item === undefined || (!item.isAsking && !isTo(item.subscription))) return;
    tellInterested(account, stanza);
    const subscription = makeSubscription(false, isFrom(item.subscription));
    updateRoster(account, contact, { subscription, isAsking: false });
  },
};

export function isSubscriptionType(type: string | undefined): boolean {
  return type !== undefined && Object.hasOwn(INBOUND, type);
}

/** A subscription stanza that one of the account's clients sent; bare addresses on both ends. */
export function subscriptionOut(
  hub: JabberHub,
  account: Account,
  to: string,
  stanza: Element,
): void {
  const from = bareOf(hub, account);
  if (to === from) return;
  OUTBOUND[stanza.attrs['type'] ?? '']?.(hub, account, to, withAttributes(stanza, { from, to }));
}

/** A subscription stanza or probe that reached an account. */
export function subscriptionIn(
  hub: JabberHub,
  account: Account,
  contact: string,
  stanza: Element,
): void {
  const type = stanza.attrs['type'] ?? '';
  const from = type === 'probe' ? stanza.attrs['from'] : contact;
  const addressed = withAttributes(stanza, { from, to: bareOf(hub, account) });
  INBOUND[type]?.(hub, account, contact, addressed);
}

/** The presence of every available client, sent to one address. */
function sendPresences(hub: JabberHub, account: Account, to: string): number {
  const resources = account.available();
  for (const { presence: last, jid } of resources) {
    if (last !== undefined) hub.route(withAttributes(last, { from: jid.full, to }));
  }
  return resources.length;
}

function tellInterested(account: Account, stanza: Element): void {
  for (const resource of account.resources.values()) {
    if (resource.isInterested) resource.send(stanza);
  }
}

function presence(from: string, to: string, type: string): Element {
  return element('presence', NS_CLIENT, { from, to, type });
}

function bareOf(hub: JabberHub, account: Account): string {
  return `${account.name}@${hub.domain}`;
}
