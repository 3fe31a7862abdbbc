import type { Account } from './jabber-accounts.ts';
import { setRosterItem, itemElement, NS_ROSTER } from './jabber-roster.ts';
import type { JabberHub } from './jabber-hub.ts';
import { parseJid } from './jid.ts';
import { errorReply, NS_CLIENT, resultReply } from './stanza-replies.ts';
import { child, element, elements, serialize, text, type Element } from './xml-element.ts';

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub';
const NS_FORWARD = 'urn:xmpp:forward:0';
const SUBSCRIPTIONS = new Set(['none', 'to', 'from', 'both']);

/** What a component may do in the names of the accounts (XEP-0356). */
export interface ComponentPrivileges {
  readonly namespace: 'urn:xmpp:privilege:1' | 'urn:xmpp:privilege:2';
  readonly roster?: 'get' | 'set' | 'both';
  /** The server announces the privilege and then says nothing to roster sets. */
  readonly ignoresRosterSets?: boolean;
  /** The same for questions about rosters. */
  readonly ignoresRosterGets?: boolean;
  /** COMPAT(ejabberd, before 23.10): a roster set ends the component's stream. */
  readonly hangsUpOnRosterSets?: boolean;
  readonly pushes?: boolean;
  /** `refused`, `ignored`: the server announces the privilege and then takes nothing that is published, or says nothing. */
  readonly pubsub?: boolean | 'refused' | 'ignored';
  readonly presence?: boolean;
  /** The component may write messages in the users' names. */
  readonly message?: boolean;
}

/** XEP-0356 §4.2: written right behind the handshake. */
export function announcement(
  hub: JabberHub,
  component: string,
  { namespace, roster, pubsub, presence, message, pushes }: ComponentPrivileges,
): string {
  const perm = (attrs: Readonly<Record<string, string>>, children: Element[] = []) =>
    element('perm', namespace, attrs, children);
  const access = element('namespace', namespace, { ns: NS_PUBSUB, type: 'both' });
  const perms = [
    roster === undefined
      ? undefined
      : perm({ access: 'roster', type: roster, push: String(pushes ?? false) }),
    pubsub !== undefined && pubsub !== false ? perm({ access: 'iq' }, [access]) : undefined,
    presence === true ? perm({ access: 'presence', type: 'managed_entity' }) : undefined,
    message === true ? perm({ access: 'message', type: 'outgoing' }) : undefined,
  ];
  const attrs = { from: hub.domain, to: component, id: 'privileges' };
  return serialize(
    element('message', NS_CLIENT, attrs, [element('privilege', namespace, {}, perms)]),
    NS_CLIENT,
  );
}

/** An IQ from a privileged component to an account; nothing if it is none of those that privileges are about. */
export function answerPrivilegedIq(
  account: Account,
  iq: Element,
  privileges: ComponentPrivileges,
): Element | 'silence' | 'hang up' | undefined {
  const [payload] = elements(iq);
  if (payload?.ns === NS_ROSTER) return rosterIq(account, iq, payload, privileges);
  if (payload?.name === 'privileged_iq' && payload.ns === privileges.namespace) {
    return forwardedIq(account, iq, payload, privileges);
  }
  return undefined;
}

function rosterIq(
  account: Account,
  iq: Element,
  query: Element,
  privileges: ComponentPrivileges,
): Element | 'silence' | 'hang up' | undefined {
  const { type } = iq.attrs;
  const { roster } = privileges;
  if (roster !== type && roster !== 'both') return errorReply(iq, 'auth', 'forbidden');
  if (type === 'get') {
    if (privileges.ignoresRosterGets === true) return 'silence';
    const items = [...account.roster.values()].map(itemElement);
    return resultReply(iq, element('query', NS_ROSTER, {}, items));
  }
  if (privileges.ignoresRosterSets === true) return 'silence';
  if (privileges.hangsUpOnRosterSets === true) return 'hang up';
  for (const item of elements(query)) {
    const jid = parseJid(item.attrs['jid'] ?? '')?.full;
    const { subscription = 'none', name } = item.attrs;
    if (jid === undefined) return errorReply(iq, 'modify', 'bad-request');
    if (subscription === 'remove') setRosterItem(account, jid, undefined);
    else if (SUBSCRIPTIONS.has(subscription)) {
      const groups = elements(item).map(text);
      setRosterItem(account, jid, { name, groups, subscription, isAsking: false });
    }
  }
  return resultReply(iq);
}

/** XEP-0356 §6.3, for the account's own nodes (XEP-0163). */
function forwardedIq(
  account: Account,
  iq: Element,
  wrapper: Element,
  { namespace, pubsub }: ComponentPrivileges,
): Element | 'silence' | undefined {
  const inner = child(wrapper, 'iq', NS_CLIENT);
  const request = inner === undefined ? undefined : child(inner, 'pubsub', NS_PUBSUB);
  const isSame = inner?.attrs['type'] === iq.attrs['type'];
  if (
    inner === undefined ||
    request === undefined ||
    !isSame ||
    pubsub === undefined ||
    pubsub === false
  ) {
    return errorReply(iq, 'auth', 'forbidden');
  }
  if (pubsub === 'ignored') return 'silence';
  const isRefused = pubsub === 'refused' && iq.attrs['type'] === 'set';
  const answer = isRefused
    ? errorReply(inner, 'cancel', 'conflict')
    : pubsubIq(account, inner, request);
  return resultReply(
    iq,
    element('privilege', namespace, {}, [element('forwarded', NS_FORWARD, {}, [answer])]),
  );
}

function pubsubIq(account: Account, iq: Element, request: Element): Element | undefined {
  const [act] = elements(request);
  const node = account.nodes.get(act?.attrs['node'] ?? '') ?? new Map<string, Element>();
  if (act?.name === 'publish') {
    const [item] = elements(act);
    const id = item?.attrs['id'];
    if (item === undefined || id === undefined) return errorReply(iq, 'modify', 'bad-request');
    node.set(id, item);
    account.nodes.set(act.attrs['node'] ?? '', node);
    return resultReply(iq);
  }
  if (act?.name === 'retract') {
    const isKnown = elements(act).every(({ attrs }) => node.delete(attrs['id'] ?? ''));
    return isKnown ? resultReply(iq) : errorReply(iq, 'cancel', 'item-not-found');
  }
  if (act?.name !== 'items') return errorReply(iq, 'cancel', 'feature-not-implemented');
  const wanted = elements(act).map(({ attrs }) => attrs['id']);
  const items = [...node.values()].filter(
    ({ attrs }) => wanted.length === 0 || wanted.includes(attrs['id']),
  );
  if (items.length === 0) return errorReply(iq, 'cancel', 'item-not-found');
  const list = element('items', NS_PUBSUB, act.attrs, items);
  return resultReply(iq, element('pubsub', NS_PUBSUB, {}, [list]));
}
