import type { Member, Rank } from '../../plugin/index.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Room } from '../../session/room.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_MUC_USER } from '../../xmpp/namespaces.ts';

/** XEP-0045 §5. */
export const STANDINGS: Readonly<
  Record<Rank, { readonly affiliation: string; readonly role: string }>
> = {
  owner: { affiliation: 'owner', role: 'moderator' },
  admin: { affiliation: 'admin', role: 'moderator' },
  moderator: { affiliation: 'member', role: 'moderator' },
  member: { affiliation: 'member', role: 'participant' },
  participant: { affiliation: 'none', role: 'participant' },
  visitor: { affiliation: 'none', role: 'visitor' },
};

/** XEP-0045 §15.6.2: the codes that we use. */
export const STATUS = {
  nonAnonymous: '100',
  self: '110',
  nickAssigned: '210',
  banned: '301',
  renamed: '303',
  kicked: '307',
  shutdown: '332',
  error: '333',
} as const;

export interface OccupantPresence {
  readonly member: Member;
  readonly to: string;
  readonly statuses?: readonly string[];
  /** Set for somebody who goes. */
  readonly gone?: {
    readonly affiliation?: string;
    readonly newNick?: string;
    readonly actor?: string;
    readonly reason?: string;
    readonly status?: string;
  };
}

/** XEP-0045 §7.2.2-7.2.3, 7.6, 7.14: one occupant as it comes, changes or goes. */
export function occupantPresence(
  domain: GatewayDomain,
  room: Room,
  { member, to, statuses = [], gone }: OccupantPresence,
): XmlElement {
  const standing = STANDINGS[member.rank];
  const item = xml(
    'item',
    NS_MUC_USER,
    {
      affiliation: gone?.affiliation ?? standing.affiliation,
      role: gone === undefined || gone.newNick !== undefined ? standing.role : 'none',
      jid: realJid(domain, member),
      nick: gone?.newNick,
    },
    [
      gone?.actor === undefined ? undefined : xml('actor', NS_MUC_USER, { nick: gone.actor }),
      gone?.reason === undefined ? undefined : xml('reason', NS_MUC_USER, {}, [gone.reason]),
    ],
  );
  return xml(
    'presence',
    NS_CLIENT,
    {
      from: domain.occupantJid(room.jid, member.nick),
      to,
      type: gone === undefined ? undefined : 'unavailable',
    },
    [
      gone?.status === undefined ? undefined : xml('status', NS_CLIENT, {}, [gone.status]),
      xml('x', NS_MUC_USER, {}, [
        item,
        ...statuses.map((code) => xml('status', NS_MUC_USER, { code })),
      ]),
    ],
  );
}

function realJid(domain: GatewayDomain, { contact }: Member): string | undefined {
  return contact === undefined ? undefined : domain.jidOf({ kind: 'contact', id: contact });
}

/** The same for all of the user's resources that are in the room; `self` statuses are for the user's own presence. */
export function toAllResources(
  domain: GatewayDomain,
  room: Room,
  presence: Omit<OccupantPresence, 'to'>,
): XmlElement[] {
  return [...room.resources.keys()].map((to) =>
    occupantPresence(domain, room, { ...presence, to }),
  );
}

/** The user's own entry, made up where the network did not list it. */
export function ownMember(room: Room): Member {
  return room.members.get(room.nick) ?? { nick: room.nick, rank: 'participant' };
}
