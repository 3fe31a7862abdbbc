import { mergedPresence } from '../session/resource.ts';
import type { Resource, ResourceShow } from '../session/resource.ts';
import type { UserSession } from '../session/user-session.ts';
import { childText } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { capsIn } from './caps.ts';

const MAX_STATUS = 1_024;
const SHOWS: ReadonlySet<string> = new Set<ResourceShow>(['chat', 'away', 'xa', 'dnd']);

/** Takes what a resource says of itself (RFC 6121 §4.7). @returns whether it was heard of on this attachment before */
export function hear(session: UserSession, jid: Jid, presence: XmlElement): boolean {
  const { attachment } = session.domain;
  const known = session.resources.get(jid.full);
  const isKnown = known?.attachment === attachment.number;
  const resource = resourceOf(presence, {
    jid,
    attachment: attachment.number,
    stay: known?.stay ?? {},
  });
  session.resources.set(jid.full, resource);
  if (known === undefined || !isSame(known, resource)) announce(session);
  return isKnown;
}

/** Tells the network how the user is to be shown, over all her resources; once for each change, and only if it is on. */
export function announce(session: UserSession): void {
  const network = session.link.session;
  if (network?.presence === undefined) return;
  const { show, status } = mergedPresence(session.resources.values());
  const { announced } = session;
  if (announced?.show === show && announced.status === status) return;
  const announcing = { show, status };
  session.announced = announcing;
  network.presence(show, status).catch((error: unknown) => {
    session.log.debug({ err: error }, 'the network did not take the presence');
    if (session.announced === announcing) session.announced = undefined;
  });
}

function resourceOf(
  presence: XmlElement,
  heard: Pick<Resource, 'jid' | 'attachment' | 'stay'>,
): Resource {
  const show = childText(presence, 'show', NS_CLIENT)?.trim() ?? '';
  const status = childText(presence, 'status', NS_CLIENT)?.slice(0, MAX_STATUS);
  const priority = Number(childText(presence, 'priority', NS_CLIENT) ?? 0);
  return {
    ...heard,
    show: isShow(show) ? show : 'online',
    status: status === '' ? undefined : status,
    priority: Number.isInteger(priority) ? Math.max(-128, Math.min(127, priority)) : 0,
    caps: capsIn(presence),
  };
}

function isShow(show: string): show is ResourceShow {
  return SHOWS.has(show);
}

function isSame(a: Resource, b: Resource): boolean {
  return a.show === b.show && a.status === b.status && a.priority === b.priority;
}
