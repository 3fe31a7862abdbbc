import type { Account, ClientSession, JabberHub } from './jabber-standin-hub.ts';
import { bareJid, parseJid } from './jabber-standin-jid.ts';
import { deliverOffline } from './jabber-standin-message.ts';
import { presence, withAttributes } from './jabber-standin-stanza.ts';
import { isSubscriptionType, sendSubscription } from './jabber-standin-subscription.ts';
import { childOf, textOf, type XmlNode } from './xml-tree.ts';

/** RFC 6121 §4, the user's server: presence as a client has sent it. */
export function presenceFromClient(hub: JabberHub, session: ClientSession, stanza: XmlNode): void {
  const { to, type } = stanza.attributes;
  if (to === undefined) {
    if (type === undefined) return broadcast(hub, session, stanza);
    if (type === 'unavailable') return leave(hub, session, stanza);
    return hub.refuse(withAttributes(stanza, { to: session.account.jid }), 'modify', 'bad-request');
  }
  if (isSubscriptionType(type)) {
    return sendSubscription(hub, session.account, { to: bareJid(to), type, stanza });
  }
  if (type === undefined && session.account.roster.get(bareJid(to))?.from !== true) {
    session.directed.add(to);
  }
  if (type === 'unavailable') session.directed.delete(to);
  hub.route(stanza);
}

/** RFC 6121 §4.5.3: also when the connection is lost. */
export function leave(hub: JabberHub, session: ClientSession, stanza?: XmlNode): void {
  const away = stanza ?? presence(session.jid, session.account.jid, 'unavailable');
  const targets = new Set(session.directed);
  if (session.presence !== undefined) {
    for (const item of session.account.roster.items) if (item.from) targets.add(item.jid);
  }
  const wasAvailable = session.presence !== undefined;
  session.presence = undefined;
  session.directed.clear();
  for (const to of targets) hub.route(withAttributes(away, { from: session.jid, to }));
  if (wasAvailable) toOwnResources(session, away);
}

/** RFC 6121 §4.2: initial presence and updates. */
function broadcast(hub: JabberHub, session: ClientSession, stanza: XmlNode): void {
  const isInitial = session.presence === undefined;
  const { roster, sessions, jid: bare } = session.account;
  session.presence = stanza;
  session.priority = priorityOf(stanza);
  for (const item of roster.items) {
    if (item.from) hub.route(withAttributes(stanza, { to: item.jid }));
  }
  toOwnResources(session, stanza);
  if (isInitial) {
    for (const other of sessions.values()) {
      if (other === session || other.presence === undefined) continue;
      session.send(withAttributes(other.presence, { to: session.jid }));
    }
    for (const item of roster.items) {
      if (item.to) hub.route(presence(session.jid, item.jid, 'probe'));
      if (item.ask) hub.route(presence(bare, item.jid, 'subscribe'));
    }
    for (const request of roster.pendingIn.values()) session.send(request);
  }
  if (session.priority >= 0) deliverOffline(session);
}

/** RFC 6121 §4.3.2 and §4.2.3, the contact's server: presence that is not about subscription. */
export function presenceToAccount(hub: JabberHub, account: Account, stanza: XmlNode): void {
  const { from = '', to = '', type } = stanza.attributes;
  if (type === 'probe') return answerProbe(hub, account, from);
  const resource = parseJid(to)?.resource;
  if (resource !== undefined) return account.sessions.get(resource)?.send(stanza);
  for (const session of availableSessions(account)) session.send(stanza);
}

function answerProbe(hub: JabberHub, account: Account, asker: string): void {
  const contact = bareJid(asker);
  if (contact !== account.jid && account.roster.get(contact)?.from !== true) {
    if (account.roster.pendingIn.has(contact)) return;
    return hub.route(presence(account.jid, asker, 'unsubscribed'));
  }
  const sessions = availableSessions(account);
  if (sessions.length === 0) hub.route(presence(account.jid, asker, 'unavailable'));
  for (const session of sessions) {
    if (session.presence !== undefined) hub.route(withAttributes(session.presence, { to: asker }));
  }
}

function availableSessions(account: Account): ClientSession[] {
  return [...account.sessions.values()].filter((session) => session.presence !== undefined);
}

function toOwnResources(session: ClientSession, stanza: XmlNode): void {
  for (const other of availableSessions(session.account)) {
    if (other !== session) other.send(withAttributes(stanza, { from: session.jid, to: other.jid }));
  }
}

function priorityOf(stanza: XmlNode): number {
  const priority = Number.parseInt(textOf(childOf(stanza, 'priority')), 10);
  return Number.isNaN(priority) ? 0 : Math.max(-128, Math.min(127, priority));
}
