import type { Account, ClientSession, JabberHub } from './jabber-standin-hub.ts';
import { parseJid } from './jabber-standin-jid.ts';
import { element } from './jabber-standin-stanza.ts';
import { childOf, type XmlNode } from './xml-tree.ts';

const MAX_OFFLINE = 20;

/** RFC 6121 §8.5.2 and §8.5.3: a message to an account or to one of its resources. */
export function messageToAccount(hub: JabberHub, account: Account, stanza: XmlNode): void {
  const { to = '', type } = stanza.attributes;
  const resource = parseJid(to)?.resource;
  const session = resource === undefined ? undefined : account.sessions.get(resource);
  if (session !== undefined) return session.send(stanza);
  if (type === 'error') return;
  if (type === 'groupchat') return hub.refuse(stanza, 'cancel', 'service-unavailable');
  const targets = topSessions(account);
  for (const target of targets) target.send(stanza);
  if (targets.length > 0 || type === 'headline') return;
  store(hub, account, stanza);
}

/** XEP-0160 §3. */
export function deliverOffline(session: ClientSession): void {
  for (const stanza of session.account.offline.splice(0)) session.send(stanza);
}

function topSessions(account: Account): ClientSession[] {
  const willing = [...account.sessions.values()].filter(
    (session) => session.presence !== undefined && session.priority >= 0,
  );
  const top = Math.max(...willing.map((session) => session.priority));
  return willing.filter((session) => session.priority === top);
}

function store(hub: JabberHub, account: Account, stanza: XmlNode): void {
  if (childOf(stanza, 'body') === undefined) return;
  if (account.offline.length >= MAX_OFFLINE) {
    return hub.refuse(stanza, 'cancel', 'service-unavailable');
  }
  const stamp = new Date().toISOString();
  const delay = element('delay', 'urn:xmpp:delay', { from: hub.domain, stamp });
  account.offline.push({ ...stanza, children: [...stanza.children, delay] });
}
