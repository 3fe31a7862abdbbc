import type { Show } from '../plugin/index.ts';
import type { Jid } from '../xmpp/jid.ts';

/** An available resource has at least this show. */
export type ResourceShow = Exclude<Show, 'offline'>;

/** One of the user's resources, as its presence tells. */
export interface Resource {
  readonly jid: Jid;
  readonly show: ResourceShow;
  readonly status: string | undefined;
  readonly priority: number;
  /** What its client can do, by the node and hash it names (XEP-0115); empty when it names none. */
  readonly caps: string;
  /** During which attachment of our stream it was heard of last. */
  readonly attachment: number;
  /** The same object until it goes: one that comes again under its name remembers nothing. */
  readonly stay: object;
}

export interface MergedPresence {
  readonly show: Show;
  readonly status: string | undefined;
}

/** From most to least reachable. */
const ORDER: readonly ResourceShow[] = ['chat', 'online', 'dnd', 'away', 'xa'];

/** How the user is to be shown: as the resource with the highest priority, the most reachable one of several. */
export function mergedPresence(resources: Iterable<Resource>): MergedPresence {
  let best: Resource | undefined;
  for (const resource of resources) if (isBetter(resource, best)) best = resource;
  return { show: best?.show ?? 'offline', status: best?.status };
}

function isBetter(resource: Resource, best: Resource | undefined): boolean {
  if (best === undefined) return true;
  if (resource.priority !== best.priority) return resource.priority > best.priority;
  return ORDER.indexOf(resource.show) < ORDER.indexOf(best.show);
}
