import type { NetworkId, RoomId, RoomListing } from '../../plugin/index.ts';
import type { DiscoItem, DiscoQuestion, ItemsPart } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import { loaded } from '../../session/in-mailbox.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { pageOf, parseResultSet } from '../../xmpp/result-set.ts';

/** So long a list serves for its pages, and for what is asked of its rooms. */
const KEEP_MS = 300_000;
/** Items of an answer, whatever is asked for. */
const MAX_ITEMS = 500;

interface Kept {
  readonly at: number;
  readonly rooms: Promise<readonly RoomListing[]>;
  /** Once they are there. */
  byId?: ReadonlyMap<RoomId, RoomListing>;
}

/** The rooms that a network tells of, asked for seldom (XEP-0045 §6.3). */
export class RoomList {
  readonly #domain: GatewayDomain;
  readonly #sessions: Sessions;
  readonly #kept = new WeakMap<UserSession, Map<NetworkId | undefined, Kept>>();

  constructor(domain: GatewayDomain, sessions: Sessions) {
    this.#domain = domain;
    this.#sessions = sessions;
  }

  /** The rooms of the network that is asked, the largest first; those of the gateway when it has no several networks. */
  async items({ context, query, node }: DiscoQuestion): Promise<ItemsPart | undefined> {
    const { gateway, policy } = this.#domain;
    const { target, from } = context;
    const isNetwork = target.kind === 'network';
    const isAsked = isNetwork || (target.kind === 'gateway' && gateway.networks.length === 0);
    if (!isAsked || node !== '' || !gateway.features.includes('rooms')) return undefined;
    // A look at the gateway alone is no reason to connect somebody whom nobody knows.
    const isWelcome = (isNetwork && gateway.registration === 'optional') || this.#isKnown(from);
    if (!isWelcome || !policy.allows(from)) return { items: [] };
    const network = isNetwork ? target.id : undefined;
    const rooms = await this.#rooms(await loaded(this.#sessions.of(from)), network);
    return itemsPage(
      rooms.map((room) => this.#item(room)),
      query,
    );
  }

  /** What the latest list tells of a room. */
  find(session: UserSession | undefined, id: RoomId): RoomListing | undefined {
    if (session === undefined) return undefined;
    for (const { byId } of this.#kept.get(session)?.values() ?? []) {
      const listing = byId?.get(id);
      if (listing !== undefined) return listing;
    }
    return undefined;
  }

  #isKnown(user: Jid): boolean {
    const session = this.#sessions.find(user);
    return session?.isRegistered === true || session?.link.session !== undefined;
  }

  #rooms(session: UserSession, network: NetworkId | undefined): Promise<readonly RoomListing[]> {
    const kept = this.#kept.get(session) ?? new Map<NetworkId | undefined, Kept>();
    this.#kept.set(session, kept);
    const now = this.#domain.now();
    const known = kept.get(network);
    if (known !== undefined && now - known.at < KEEP_MS) return known.rooms;
    const entry: Kept = { at: now, rooms: this.#ask(session, network) };
    kept.set(network, entry);
    entry.rooms.then(
      (rooms) => {
        entry.byId = new Map(rooms.map((room) => [room.id, room]));
      },
      () => {
        if (kept.get(network) === entry) kept.delete(network);
      },
    );
    return entry.rooms;
  }

  async #ask(
    session: UserSession,
    network: NetworkId | undefined,
  ): Promise<readonly RoomListing[]> {
    const rooms = (await session.network().rooms?.(network, {})) ?? [];
    return rooms.toSorted(
      (one, other) => (other.size ?? 0) - (one.size ?? 0) || (one.id < other.id ? -1 : 1),
    );
  }

  #item({ id, name, size }: RoomListing): DiscoItem {
    const address = { kind: 'room', id } as const;
    const shown = name ?? this.#domain.gateway.addresses.format(address);
    return {
      jid: this.#domain.jidOf(address),
      name: size === undefined ? shown : `${shown} (${size})`,
    };
  }
}

/** The part of the items that a query wants, or as much as goes into one answer. */
export function itemsPage(all: readonly DiscoItem[], query: XmlElement): ItemsPart {
  const asked = parseResultSet(query);
  if (asked === undefined && all.length <= MAX_ITEMS) return { items: all };
  return pageOf(all, ({ jid }) => jid, asked, MAX_ITEMS);
}
