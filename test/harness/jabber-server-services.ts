import type { JabberHub } from './jabber-hub.ts';
import { errorReply, resultReply } from './stanza-replies.ts';
import { element, elements, type Element } from './xml-element.ts';

export const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info';
export const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';
export const NS_PING = 'urn:xmpp:ping';
const NS_VERSION = 'jabber:iq:version';
const NS_TIME = 'urn:xmpp:time';

type Service = (hub: JabberHub, iq: Element, payload: Element) => Element | undefined;

/** What the server itself answers, by the namespace of a get's payload. The list is also its disco#info. */
const SERVICES: Readonly<Record<string, Service>> = {
  [NS_DISCO_INFO](_hub, iq, { attrs }) {
    if (attrs['node'] !== undefined) return errorReply(iq, 'cancel', 'item-not-found');
    const identity = { category: 'server', type: 'im', name: 'Stand-in' };
    const features = [...Object.keys(SERVICES), 'jabber:iq:register', 'vcard-temp', 'msgoffline'];
    return resultReply(
      iq,
      element('query', NS_DISCO_INFO, {}, [
        element('identity', NS_DISCO_INFO, identity),
        ...features.map((name) => element('feature', NS_DISCO_INFO, { var: name })),
      ]),
    );
  },

  [NS_DISCO_ITEMS](hub, iq, { attrs }) {
    if (attrs['node'] !== undefined) return errorReply(iq, 'cancel', 'item-not-found');
    const items = hub.componentDomains.map((jid) => element('item', NS_DISCO_ITEMS, { jid }));
    return resultReply(iq, element('query', NS_DISCO_ITEMS, {}, items));
  },

  [NS_PING]: (_hub, iq) => resultReply(iq),

  [NS_VERSION](_hub, iq) {
    const part = (name: string, value: string) => element(name, NS_VERSION, {}, [value]);
    const content = [part('name', 'Stand-in Jabber server'), part('version', '1')];
    return resultReply(iq, element('query', NS_VERSION, {}, content));
  },

  [NS_TIME](_hub, iq) {
    const part = (name: string, value: string) => element(name, NS_TIME, {}, [value]);
    const utc = new Date().toISOString().replace(/\.\d+/, '');
    return resultReply(iq, element('time', NS_TIME, {}, [part('tzo', '+00:00'), part('utc', utc)]));
  },
};

/** An IQ get for the server; nothing if it has no such service. */
export function answerServerIq(hub: JabberHub, iq: Element): Element | undefined {
  const [payload] = elements(iq);
  if (payload === undefined || iq.attrs['type'] !== 'get') return undefined;
  return Object.hasOwn(SERVICES, payload.ns) ? SERVICES[payload.ns]?.(hub, iq, payload) : undefined;
}
