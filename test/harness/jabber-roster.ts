import { randomUUID } from 'node:crypto';
import { isFrom, isTo, type Account, type Resource, type RosterItem } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { parseJid } from './jid.ts';
import { errorReply, NS_CLIENT, resultReply } from './stanza-replies.ts';
import { child, element, elements, text, type Element } from './xml-element.ts';

export const NS_ROSTER = 'jabber:iq:roster';

/** RFC 6121 §2: roster get, set and remove by the account itself. */
export function handleRosterIq(
  hub: JabberHub,
  account: Account,
  resource: Resource,
  iq: Element,
): Element | undefined {
  if (iq.attrs['type'] === 'get') {
    resource.isInterested = true;
    const items = [...account.roster.values()].map((item) => itemElement(item));
    return resultReply(iq, element('query', NS_ROSTER, {}, items));
  }
  const query = child(iq, 'query', NS_ROSTER);
  const items = query === undefined ? [] : elements(query).filter((el) => el.name === 'item');
  const [item] = items;
  const jid = parseJid(item?.attrs['jid'] ?? '');
  if (item === undefined || items.length !== 1 || jid === undefined) {
    return errorReply(iq, 'modify', 'bad-request');
  }
  if (item.attrs['subscription'] === 'remove') {
    if (!account.roster.has(jid.full)) return errorReply(iq, 'modify', 'item-not-found');
    removeContact(hub, account, jid.full);
    return resultReply(iq);
  }
  const groups = elements(item).filter((el) => el.name === 'group');
  updateRoster(account, jid.full, {
    name: item.attrs['name'],
    groups: groups.map((group) => text(group)),
  });
  return resultReply(iq);
}

/** Changes one item, makes it where there is none, and tells the account's clients. */
export function updateRoster(
  account: Account,
  jid: string,
  changes: Partial<Omit<RosterItem, 'jid'>>,
): void {
  const before: RosterItem = account.roster.get(jid) ?? {
    jid,
    name: undefined,
    groups: [],
    subscription: 'none',
    isAsking: false,
  };
  const item = { ...before, ...changes };
  account.roster.set(jid, item);
  push(account, itemElement(item));
}

/** Makes one item as it is to be, or takes it away, without telling the contact (XEP-0356 §4.3). */
export function setRosterItem(
  account: Account,
  jid: string,
  changes:
    | Partial<Omit<RosterItem, 'jid' | 'subscription'> & { readonly subscription: string }>
    | undefined,
): void {
  if (changes === undefined) {
    account.roster.delete(jid);
    push(account, element('item', NS_ROSTER, { jid, subscription: 'remove' }));
    return;
  }
  const { subscription, ...rest } = changes;
  updateRoster(account, jid, {
    ...rest,
    ...(isSubscription(subscription) ? { subscription } : {}),
  });
}

function isSubscription(text: string | undefined): text is RosterItem['subscription'] {
  return text === 'none' || text === 'to' || text === 'from' || text === 'both';
}

/** RFC 6121 §2.5.2: the contact is told that both directions are over. */
function removeContact(hub: JabberHub, account: Account, jid: string): void {
  const item = account.roster.get(jid);
  const wasPending = account.pendingIn.delete(jid);
  account.roster.delete(jid);
  push(account, element('item', NS_ROSTER, { jid, subscription: 'remove' }));
  if (item === undefined) return;
  const from = `${account.name}@${hub.domain}`;
  const tell = (type: string, sender: string) =>
    hub.route(element('presence', NS_CLIENT, { from: sender, to: jid, type }));
  if (isFrom(item.subscription)) {
    for (const resource of account.available()) tell('unavailable', resource.jid.full);
  }
  if (isFrom(item.subscription) || wasPending) tell('unsubscribed', from);
  if (isTo(item.subscription) || item.isAsking) tell('unsubscribe', from);
}

function push(account: Account, item: Element): void {
  for (const resource of account.resources.values()) {
    if (!resource.isInterested) continue;
    const attrs = { type: 'set', id: `push-${randomUUID()}`, to: resource.jid.full };
    const query = element('query', NS_ROSTER, {}, [item]);
    resource.send(element('iq', NS_CLIENT, attrs, [query]));
  }
}

export function itemElement(item: RosterItem): Element {
  const { jid, name, subscription } = item;
  const ask = item.isAsking ? 'subscribe' : undefined;
  const groups = item.groups.map((group) => element('group', NS_ROSTER, {}, [group]));
  return element('item', NS_ROSTER, { jid, name, subscription, ask }, groups);
}
