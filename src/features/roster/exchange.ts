import type { Surroundings } from '../../router/surroundings.ts';
import type { Resource } from '../../session/resource.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_ROSTERX } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import type { ClientFeatures } from '../client-features.ts';
import type { Wanted } from './differences.ts';

/** XEP-0144 §5: more than this at one time looks suspicious; and a stanza must not grow too large. */
export const EXCHANGE_SIZE = 50;
/** A person may have to say yes first. */
const ANSWER_MS = 60_000;

export interface ExchangeItem extends Wanted {
  readonly local: string;
}

export type ExchangeAction = 'add' | 'modify' | 'delete';

/** The resource of the user that takes roster items: the one she is at, of several. */
export async function exchangeResource(
  session: UserSession,
  clients: ClientFeatures,
): Promise<Resource | undefined> {
  const resources = [...session.resources.values()].sort((a, b) => b.priority - a.priority);
  for (const resource of resources) {
    if ((await clients.of(resource)).has(NS_ROSTERX)) return resource;
  }
  return undefined;
}

/** XEP-0144 §3: suggests items to a client that understands them. One action for each stanza. @throws StanzaError */
export async function suggest(
  { domain, requests }: Surroundings,
  { jid }: Resource,
  action: ExchangeAction,
  items: readonly ExchangeItem[],
): Promise<void> {
  await requests.ask({
    type: 'set',
    from: domain.domain,
    to: jid.full,
    payload: exchangeElement(domain.domain, action, items),
    timeoutMs: ANSWER_MS,
  });
}

/** The same to whichever client comes, where none that understands is there now: the server keeps messages. */
export function suggestion(
  { domain, user }: UserSession,
  action: ExchangeAction,
  items: readonly ExchangeItem[],
): XmlElement {
  const to = user.bare;
  return xml('message', NS_CLIENT, { from: domain.domain, to, id: newStanzaId() }, [
    exchangeElement(domain.domain, action, items),
  ]);
}

function exchangeElement(
  domain: string,
  action: ExchangeAction,
  items: readonly ExchangeItem[],
): XmlElement {
  return xml(
    'x',
    NS_ROSTERX,
    {},
    items.map(({ local, name, groups }) =>
      xml(
        'item',
        NS_ROSTERX,
        { action, jid: `${local}@${domain}`, name },
        groups.map((group) => xml('group', NS_ROSTERX, {}, [group])),
      ),
    ),
  );
}
