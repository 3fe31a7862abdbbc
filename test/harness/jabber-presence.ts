import { isFrom, isTo, type Account, type Resource } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { isSubscriptionType, subscriptionIn, subscriptionOut } from './jabber-subscriptions.ts';
import { parseJid, type Jid } from './jid.ts';
import { errorReply, NS_CLIENT } from './stanza-replies.ts';
import { childText, element, withAttributes, type Element } from './xml-element.ts';

/** RFC 6121 §4: presence that a client sent, broadcast or directed. */
export function presenceOut(
  hub: JabberHub,
  account: Account,
  resource: Resource,
  stanza: Element,
): void {
  const { to, type } = stanza.attrs;
  if (to === undefined) {
    if (type === undefined) becomeAvailable(hub, account, resource, stanza);
    else if (type === 'unavailable') becomeUnavailable(hub, account, resource, stanza);
    else refuse(resource, stanza);
    return;
  }
  const target = parseJid(to);
  if (target === undefined) return refuse(resource, stanza, 'jid-malformed');
  if (type !== 'probe' && isSubscriptionType(type)) {
    subscriptionOut(hub, account, target.bare, stanza);
    return;
  }
  if (!isFrom(account.subscriptionOf(target.bare))) {
    if (type === undefined) resource.directed.add(target.full);
    else resource.directed.delete(target.full);
  }
  hub.route(stanza);
}

/** RFC 6121 §4.3 and §8.5: presence for an account of ours. */
export function presenceIn(
  hub: JabberHub,
  account: Account | undefined,
  to: Jid,
  stanza: Element,
): void {
  const { type } = stanza.attrs;
  const from = parseJid(stanza.attrs['from'] ?? '');
  if (from === undefined) return;
  if (isSubscriptionType(type)) {
    if (account !== undefined) subscriptionIn(hub, account, from.bare, stanza);
    else if (type === 'probe' || type === 'subscribe') denyUnknown(hub, from, to);
    return;
  }
  if (type !== undefined && type !== 'unavailable' && type !== 'error') {
    const reply = errorReply(stanza, 'modify', 'bad-request', 'Invalid presence type');
    if (reply !== undefined) hub.route(reply);
    return;
  }
  for (const resource of receivers(account, to)) resource.send(stanza);
}

/** RFC 6121 §8.5: by full address the one client, available or not; else all that are available. */
function receivers(account: Account | undefined, to: Jid): readonly Resource[] {
  if (to.resource === '') return account?.available() ?? [];
  const resource = account?.resources.get(to.resource);
  return resource === undefined ? [] : [resource];
}

/** The connection is gone: everybody who saw this client hears so. */
export function leave(hub: JabberHub, account: Account, resource: Resource): void {
  if (resource.presence === undefined && resource.directed.size === 0) return;
  const attrs = { from: resource.jid.full, type: 'unavailable' };
  becomeUnavailable(hub, account, resource, element('presence', NS_CLIENT, attrs));
}

/** RFC 6121 §4.3.2: an account that does not exist says what one without a subscription says. */
function denyUnknown(hub: JabberHub, from: Jid, to: Jid): void {
  const attrs = { from: to.bare, to: from.bare, type: 'unsubscribed' };
  hub.route(element('presence', NS_CLIENT, attrs));
}

function becomeAvailable(
  hub: JabberHub,
  account: Account,
  resource: Resource,
  stanza: Element,
): void {
  const isInitial = resource.presence === undefined;
  resource.presence = stanza;
  const priority = Number(childText(stanza, 'priority') ?? 0);
  resource.priority = Number.isInteger(priority) ? Math.max(-128, Math.min(127, priority)) : 0;
  broadcast(hub, account, resource, stanza);
  if (isInitial) arrive(hub, account, resource);
}

/** RFC 6121 §4.2.2: what an initial presence sets going. */
function arrive(hub: JabberHub, account: Account, resource: Resource): void {
  const from = resource.jid.full;
  for (const item of account.roster.values()) {
    if (!isTo(item.subscription)) continue;
    hub.route(element('presence', NS_CLIENT, { from, to: item.jid, type: 'probe' }));
  }
  for (const other of account.available()) {
    if (other === resource || other.presence === undefined) continue;
    resource.send(withAttributes(other.presence, { to: from }));
  }
  for (const request of account.pendingIn.values()) resource.send(request);
  for (const item of account.roster.values()) {
    if (!item.isAsking) continue;
    const attrs = { from: resource.jid.bare, to: item.jid, type: 'subscribe' };
    hub.route(element('presence', NS_CLIENT, attrs));
  }
  if (resource.priority < 0) return;
  for (const message of account.takeOffline()) resource.send(message);
}

function becomeUnavailable(
  hub: JabberHub,
  account: Account,
  resource: Resource,
  stanza: Element,
): void {
  const wasAvailable = resource.presence !== undefined;
  resource.presence = undefined;
  if (wasAvailable) broadcast(hub, account, resource, stanza);
  for (const to of resource.directed) hub.route(withAttributes(stanza, { to }));
  resource.directed.clear();
}

/** RFC 6121 §4.2.2 and §4.4.2: to the account's own clients, this one included, and to its subscribers. */
function broadcast(hub: JabberHub, account: Account, resource: Resource, stanza: Element): void {
  const own = new Set([resource, ...account.available()]);
  for (const each of own) each.send(withAttributes(stanza, { to: each.jid.full }));
  for (const item of account.roster.values()) {
    if (isFrom(item.subscription)) hub.route(withAttributes(stanza, { to: item.jid }));
  }
}

function refuse(resource: Resource, stanza: Element, condition = 'bad-request'): void {
  const reply = errorReply(stanza, 'modify', condition);
  if (reply !== undefined) resource.send(reply);
}
