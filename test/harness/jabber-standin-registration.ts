import { createAccount, type Account, type JabberHub } from './jabber-standin-hub.ts';
import { parseJid } from './jabber-standin-jid.ts';
import { element, errorReply, resultReply } from './jabber-standin-stanza.ts';
import { endSubscriptions } from './jabber-standin-subscription.ts';
import { childOf, textOf, type XmlNode } from './xml-tree.ts';

export const REGISTER = 'jabber:iq:register';

/** XEP-0077 §3.1, before login: the reply to give. */
export function registerAccount(hub: JabberHub, iq: XmlNode, query: XmlNode): XmlNode | undefined {
  if (iq.attributes['type'] === 'get') {
    const fields = ['instructions', 'username', 'password'].map((name) =>
      element(name, REGISTER, {}, name === 'instructions' ? ['Choose a name and a password.'] : []),
    );
    return resultReply(iq, element('query', REGISTER, {}, fields));
  }
  const user = textOf(childOf(query, 'username')).toLowerCase();
  const password = textOf(childOf(query, 'password'));
  if (password === '' || parseJid(`${user}@${hub.domain}`) === undefined) {
    return errorReply(iq, { type: 'modify', condition: 'not-acceptable' });
  }
  if (hub.accounts.has(user)) return errorReply(iq, { type: 'cancel', condition: 'conflict' });
  createAccount(hub, user, password);
  return resultReply(iq);
}

/** XEP-0077 §3.1.1, for somebody logged in. */
export function showRegistration(hub: JabberHub, account: Account, iq: XmlNode): void {
  const fields = [
    element('registered', REGISTER),
    element('username', REGISTER, {}, [account.user]),
    element('password', REGISTER),
  ];
  hub.route(resultReply(iq, element('query', REGISTER, {}, fields)));
}

/** XEP-0077 §3.2 and §3.3: ends the account or changes its password. */
export function changeRegistration(
  hub: JabberHub,
  account: Account,
  iq: XmlNode,
  query: XmlNode,
): void {
  if (childOf(query, 'remove') !== undefined) {
    hub.route(resultReply(iq));
    for (const item of account.roster.items) endSubscriptions(hub, account, item);
    for (const session of account.sessions.values()) session.kick('not-authorized');
    hub.accounts.delete(account.user);
    return;
  }
  const password = textOf(childOf(query, 'password'));
  const user = textOf(childOf(query, 'username')).toLowerCase();
  if (password === '' || user !== account.user) return hub.refuse(iq, 'modify', 'bad-request');
  account.password = password;
  hub.route(resultReply(iq));
}
