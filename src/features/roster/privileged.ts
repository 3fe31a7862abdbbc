import type { Surroundings } from '../../router/surroundings.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { RosterItem } from '../../session/roster-copy.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childrenOf, textOf, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseJid } from '../../xmpp/jid.ts';
import { NS_ROSTER } from '../../xmpp/namespaces.ts';
import type { Wanted } from './differences.ts';

const MAX_ITEMS = 20_000;

/** XEP-0356 §4.3: the user's roster as far as it is about contacts of ours. @throws StanzaError */
export async function readRoster(
  { domain, requests }: Surroundings,
  { user }: UserSession,
): Promise<ReadonlyMap<string, RosterItem>> {
  const query = await requests.ask({
    type: 'get',
    from: domain.domain,
    to: user.bare,
    payload: xml('query', NS_ROSTER),
  });
  return query === undefined ? new Map() : itemsIn(domain, query);
}

/** XEP-0356 §4.3, RFC 6121 §2.1.5: one item, as both sides had agreed to it; `undefined` takes it away. @throws StanzaError */
export async function writeItem(
  { domain, requests }: Surroundings,
  { user }: UserSession,
  local: string,
  item: Wanted | undefined,
): Promise<void> {
  const jid = `${local}@${domain.domain}`;
  const element =
    item === undefined
      ? xml('item', NS_ROSTER, { jid, subscription: 'remove' })
      : xml(
          'item',
          NS_ROSTER,
          { jid, name: item.name, subscription: 'both' },
          item.groups.map((group) => xml('group', NS_ROSTER, {}, [group])),
        );
  await requests.ask({
    type: 'set',
    from: domain.domain,
    to: user.bare,
    payload: xml('query', NS_ROSTER, {}, [element]),
  });
}

/** The items of a roster, or of a push, that stand for contacts of ours, by their local part. Removed ones are `undefined`. */
export function ownItems(
  domain: GatewayDomain,
  query: XmlElement,
): (readonly [local: string, RosterItem | undefined])[] {
  const items: (readonly [string, RosterItem | undefined])[] = [];
  for (const element of childrenOf(query, 'item', NS_ROSTER).slice(0, MAX_ITEMS)) {
    const { jid = '', name = '', subscription = 'none' } = element.attributes;
    const { local, domain: host } = parseJid(jid) ?? {};
    if (local === undefined || host !== domain.domain) continue;
    const groups = childrenOf(element, 'group', NS_ROSTER).map(textOf);
    items.push([local, subscription === 'remove' ? undefined : { name, groups, subscription }]);
  }
  return items;
}

function itemsIn(domain: GatewayDomain, query: XmlElement): ReadonlyMap<string, RosterItem> {
  const items = new Map<string, RosterItem>();
  for (const [local, item] of ownItems(domain, query)) {
    if (item !== undefined) items.set(local, item);
  }
  return items;
}
