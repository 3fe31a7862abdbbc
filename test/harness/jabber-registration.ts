import { Account } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { parseJid } from './jid.ts';
import { errorReply, resultReply } from './stanza-replies.ts';
import { child, childText, element, type Element } from './xml-element.ts';

export const NS_REGISTER = 'jabber:iq:register';

/** XEP-0077 §3: a new account, asked for before log in; or its change or end, asked for by its owner. */
export function answerRegistration(
  hub: JabberHub,
  iq: Element,
  owner: Account | undefined,
): Element | undefined {
  const query = child(iq, 'query', NS_REGISTER);
  if (query === undefined) return errorReply(iq, 'modify', 'bad-request');
  if (iq.attrs['type'] === 'get') return form(iq, owner);
  if (child(query, 'remove') !== undefined) return remove(hub, iq, owner);
  const username = childText(query, 'username') ?? '';
  const password = childText(query, 'password') ?? '';
  const jid = parseJid(`${username}@${hub.domain}`);
  if (username === '' || password === '' || jid === undefined || jid.local === '') {
    return errorReply(iq, 'modify', 'not-acceptable');
  }
  if (owner === undefined) {
    if (hub.accounts.has(jid.local)) return errorReply(iq, 'cancel', 'conflict');
    hub.accounts.set(jid.local, new Account(jid.local, password));
  } else if (jid.local === owner.name) {
    owner.password = password;
  } else {
    return errorReply(iq, 'modify', 'bad-request');
  }
  return resultReply(iq);
}

function form(iq: Element, owner: Account | undefined): Element {
  const field = (name: string, value?: string) =>
    element(name, NS_REGISTER, {}, value === undefined ? [] : [value]);
  const first =
    owner === undefined
      ? field('instructions', 'Choose a name and a password.')
      : field('registered');
  const fields = [first, field('username', owner?.name), field('password')];
  return resultReply(iq, element('query', NS_REGISTER, {}, fields));
}

/** XEP-0077 §3.2: the account is gone, and so are its connections once the owner has the answer. */
function remove(hub: JabberHub, iq: Element, owner: Account | undefined): Element | undefined {
  if (owner === undefined) return errorReply(iq, 'auth', 'not-authorized');
  hub.accounts.delete(owner.name);
  for (const resource of owner.resources.values()) {
    if (resource.jid.full === iq.attrs['from']) resource.send(resultReply(iq));
    resource.end('not-authorized');
  }
  return undefined;
}
