import type { Account, ClientSession, JabberHub } from './jabber-standin-hub.ts';
import { bareJid, parseJid } from './jabber-standin-jid.ts';
import { ROSTER, rosterItemXml } from './jabber-standin-roster.ts';
import { element, resultReply } from './jabber-standin-stanza.ts';
import { endSubscriptions, pushItem, pushRemoval } from './jabber-standin-subscription.ts';
import { changeRegistration, REGISTER, showRegistration } from './jabber-standin-registration.ts';
import { elements, textOf, type XmlNode } from './xml-tree.ts';

interface IqRequest {
  readonly hub: JabberHub;
  readonly iq: XmlNode;
  readonly payload: XmlNode;
  /** The account asked, or the asker's own where the server was asked. */
  readonly account: Account | undefined;
  readonly isOwner: boolean;
}

/** Answers itself and says so, or leaves the request to service-unavailable. */
type IqHandler = (request: IqRequest) => boolean;

const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';
const VCARD = 'vcard-temp';
const PRIVATE = 'jabber:iq:private';
const SESSION = 'urn:ietf:params:xml:ns:xmpp-session';
const FEATURES = [DISCO_INFO, DISCO_ITEMS, 'jabber:iq:version', 'urn:xmpp:ping', REGISTER, PRIVATE];
FEATURES.push(VCARD, ROSTER, 'msgoffline');

const BOTH: Readonly<Record<string, IqHandler>> = {
  'get urn:xmpp:ping ping': ({ hub, iq }) => answer(hub, iq),
  [`set ${SESSION} session`]: ({ hub, iq }) => answer(hub, iq),
  [`get ${REGISTER} query`]: ownerOnly(showRegistration),
  [`set ${REGISTER} query`]: ownerOnly(changeRegistration),
};

const TO_SERVER: Readonly<Record<string, IqHandler>> = {
  ...BOTH,
  [`get ${DISCO_INFO} query`]: ({ hub, iq, payload }) => {
    const identity = element('identity', DISCO_INFO, { category: 'server', type: 'im' });
    const features = FEATURES.map((feature) => element('feature', DISCO_INFO, { var: feature }));
    return answer(hub, iq, { ...payload, children: [identity, ...features] });
  },
  [`get ${DISCO_ITEMS} query`]: ({ hub, iq, payload }) => {
    const items = hub.componentDomains.map((jid) => element('item', DISCO_ITEMS, { jid }));
    return answer(hub, iq, { ...payload, children: items });
  },
  'get jabber:iq:version query': ({ hub, iq, payload }) => {
    const name = element('name', payload.namespace, {}, [hub.flavour]);
    const version = element('version', payload.namespace, {}, ['stand-in']);
    return answer(hub, iq, { ...payload, children: [name, version] });
  },
};

const TO_ACCOUNT: Readonly<Record<string, IqHandler>> = {
  ...BOTH,
  [`get ${VCARD} vCard`]: ({ hub, iq, account }) =>
    answer(hub, iq, account?.vcard ?? element('vCard', VCARD)),
  [`set ${VCARD} vCard`]: ownerOnly((hub, account, iq, payload) => {
    account.vcard = payload;
    hub.route(resultReply(iq));
  }),
  [`get ${DISCO_INFO} query`]: ownerOnly((hub, _account, iq, payload) => {
    const identity = element('identity', DISCO_INFO, { category: 'account', type: 'registered' });
    hub.route(resultReply(iq, { ...payload, children: [identity] }));
  }),
  [`get ${DISCO_ITEMS} query`]: ownerOnly((hub, _account, iq, payload) =>
    hub.route(resultReply(iq, { ...payload, children: [] })),
  ),
  [`get ${ROSTER} query`]: ownerOnly((hub, account, iq) => {
    const session = sessionOf(account, iq);
    if (session !== undefined) session.wantsRoster = true;
    const items = account.roster.items.map(rosterItemXml);
    hub.route(resultReply(iq, element('query', ROSTER, {}, items)));
  }),
  [`set ${ROSTER} query`]: ownerOnly(setRoster),
  [`get ${PRIVATE} query`]: ownerOnly((hub, account, iq, payload) => {
    const stored = elements(payload).map((key) => account.privateXml.get(privateKey(key)) ?? key);
    hub.route(resultReply(iq, { ...payload, children: stored }));
  }),
  [`set ${PRIVATE} query`]: ownerOnly((hub, account, iq, payload) => {
    for (const item of elements(payload)) account.privateXml.set(privateKey(item), item);
    hub.route(resultReply(iq));
  }),
};

/** RFC 6121 §8.5.1: a request that no resource but the server itself answers. */
export function requestToServer(hub: JabberHub, iq: XmlNode, account?: Account): void {
  const type = iq.attributes['type'];
  if (type !== 'get' && type !== 'set') return;
  const [payload] = elements(iq);
  if (payload === undefined) return hub.refuse(iq, 'modify', 'bad-request');
  const asker = bareJid(iq.attributes['from'] ?? '');
  const own = [...hub.accounts.values()].find((candidate) => candidate.jid === asker);
  const table = account === undefined ? TO_SERVER : TO_ACCOUNT;
  const handler = table[`${type} ${payload.namespace} ${payload.name}`];
  const asked = account ?? own;
  const isOwner = asked !== undefined && asked === own;
  if (handler?.({ hub, iq, payload, account: asked, isOwner }) === true) return;
  hub.refuse(iq, 'cancel', 'service-unavailable');
}

/** RFC 6121 §2.3 to §2.5. */
function setRoster(hub: JabberHub, account: Account, iq: XmlNode, query: XmlNode): void {
  const [item, ...others] = elements(query);
  const jid = parseJid(item?.attributes['jid'] ?? '')?.bare;
  if (item === undefined || jid === undefined || jid === account.jid || others.length > 0) {
    return hub.refuse(iq, 'modify', 'bad-request');
  }
  if (item.attributes['subscription'] === 'remove') {
    const removed = account.roster.remove(jid);
    if (removed === undefined) return hub.refuse(iq, 'cancel', 'item-not-found');
    hub.route(resultReply(iq));
    pushRemoval(account, jid);
    return endSubscriptions(hub, account, removed);
  }
  const groups = elements(item).map(textOf);
  const updated = account.roster.update(jid, { name: item.attributes['name'], groups });
  hub.route(resultReply(iq));
  pushItem(account, updated);
}

function answer(hub: JabberHub, iq: XmlNode, payload?: XmlNode): boolean {
  hub.route(resultReply(iq, payload));
  return true;
}

function ownerOnly(
  handle: (hub: JabberHub, account: Account, iq: XmlNode, payload: XmlNode) => void,
): IqHandler {
  return ({ hub, account, iq, payload, isOwner }) => {
    if (account === undefined || !isOwner) return false;
    handle(hub, account, iq, payload);
    return true;
  };
}

function sessionOf(account: Account, iq: XmlNode): ClientSession | undefined {
  return account.sessions.get(parseJid(iq.attributes['from'] ?? '')?.resource ?? '');
}

function privateKey({ name, namespace }: XmlNode): string {
  return `${namespace} ${name}`;
}
