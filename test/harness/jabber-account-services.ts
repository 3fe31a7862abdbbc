import { isFrom, type Account } from './jabber-accounts.ts';
import type { JabberHub } from './jabber-hub.ts';
import { NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PING } from './jabber-server-services.ts';
import { parseJid } from './jid.ts';
import { errorReply, resultReply } from './stanza-replies.ts';
import { element, elements, type Element } from './xml-element.ts';

const NS_VCARD = 'vcard-temp';
const NS_PRIVATE = 'jabber:iq:private';
const MAX_PRIVATE_ITEMS = 100;

interface Asker {
  readonly isOwner: boolean;
  /** The owner, or a contact who may see the account's presence. */
  readonly isTrusted: boolean;
}

type Service = (
  account: Account,
  iq: Element,
  payload: Element,
  asker: Asker,
) => Element | undefined;

/** What the server answers for an account, by payload namespace. Nothing back means service-unavailable. */
const SERVICES: Readonly<Record<string, Service>> = {
  [NS_DISCO_INFO](_account, iq, payload, { isTrusted }) {
    if (!isTrusted || iq.attrs['type'] !== 'get') return undefined;
    if (payload.attrs['node'] !== undefined) return errorReply(iq, 'cancel', 'item-not-found');
    const identity = { category: 'account', type: 'registered' };
    return resultReply(
      iq,
      element('query', NS_DISCO_INFO, {}, [
        element('identity', NS_DISCO_INFO, identity),
        element('feature', NS_DISCO_INFO, { var: NS_VCARD }),
      ]),
    );
  },

  [NS_DISCO_ITEMS](_account, iq, _payload, { isTrusted }) {
    if (!isTrusted || iq.attrs['type'] !== 'get') return undefined;
    return resultReply(iq, element('query', NS_DISCO_ITEMS));
  },

  [NS_PING]: (_account, iq, _payload, { isTrusted }) => (isTrusted ? resultReply(iq) : undefined),

  /** XEP-0054. */
  [NS_VCARD](account, iq, payload, { isOwner }) {
    if (iq.attrs['type'] === 'get') {
      if (account.vcard !== undefined) return resultReply(iq, account.vcard);
      return isOwner
        ? resultReply(iq, element('vCard', NS_VCARD))
        : errorReply(iq, 'cancel', 'item-not-found');
    }
    if (!isOwner) return errorReply(iq, 'auth', 'forbidden');
    account.vcard = payload;
    return resultReply(iq);
  },

  /** XEP-0049: bookmarks and the like. */
  [NS_PRIVATE](account, iq, payload, { isOwner }) {
    const [data] = elements(payload);
    if (!isOwner || data === undefined) return errorReply(iq, 'modify', 'bad-request');
    const key = `${data.ns} ${data.name}`;
    if (iq.attrs['type'] === 'get') {
      const kept = account.privateData.get(key) ?? element(data.name, data.ns);
      return resultReply(iq, element('query', NS_PRIVATE, {}, [kept]));
    }
    if (!account.privateData.has(key) && account.privateData.size >= MAX_PRIVATE_ITEMS) {
      return errorReply(iq, 'wait', 'resource-constraint');
    }
    account.privateData.set(key, data);
    return resultReply(iq);
  },
};

/** An IQ get or set to an account's bare address. */
export function answerAccountIq(
  hub: JabberHub,
  account: Account,
  iq: Element,
): Element | undefined {
  const [payload] = elements(iq);
  const from = parseJid(iq.attrs['from'] ?? '');
  if (payload === undefined || from === undefined) return undefined;
  if (!Object.hasOwn(SERVICES, payload.ns)) return undefined;
  const isOwner = from.bare === `${account.name}@${hub.domain}`;
  const isTrusted = isOwner || isFrom(account.subscriptionOf(from.bare));
  return SERVICES[payload.ns]?.(account, iq, payload, { isOwner, isTrusted });
}
