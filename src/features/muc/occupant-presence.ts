import type { Member, Rank } from '../../plugin/index.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Room } from '../../session/room.ts';
import { verbatim } from '../../xml/element.ts';
import type { XmlElement, XmlNode } from '../../xml/element.ts';
import { escapeAttribute, escapeText } from '../../xml/escape.ts';
import { NS_CLIENT, NS_MUC_USER, NS_OCCUPANT_ID } from '../../xmpp/namespaces.ts';
import { occupantIdElement } from './room-message.ts';

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
  configurationChanged: '104',
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
  { to, ...presence }: OccupantPresence,
): XmlElement {
  const from = domain.occupantJid(room.jid, presence.member.nick);
  return addressed(from, to, presence, occupantContent(domain, room, presence));
}

/** The same for all of the user's resources that are in the room; `self` statuses are for the user's own presence. */
export function toAllResources(
  domain: GatewayDomain,
  room: Room,
  presence: Omit<OccupantPresence, 'to'>,
): XmlElement[] {
  return [...presencesTo(domain, room, { ...presence, resources: room.resources.keys() })];
}

/** The same for several resources. Its content is made once. */
export function* presencesTo(
  domain: GatewayDomain,
  room: Room,
  presence: Omit<OccupantPresence, 'to'> & { readonly resources: Iterable<string> },
): Generator<XmlElement, void> {
  const from = domain.occupantJid(room.jid, presence.member.nick);
  const content = occupantContent(domain, room, presence);
  for (const to of presence.resources) yield addressed(from, to, presence, content);
}

/** The user's own entry, made up where the network did not list it. */
export function ownMember(room: Room): Member {
  return room.members.get(room.nick) ?? { nick: room.nick, rank: 'participant' };
}

function addressed(
  from: string,
  to: string,
  { gone }: Omit<OccupantPresence, 'to'>,
  children: readonly XmlElement[],
): XmlElement {
  const attributes = gone === undefined ? { from, to } : { from, to, type: 'unavailable' };
  return { name: 'presence', namespace: NS_CLIENT, attributes, children };
}

/** What the presence says, the same for all who get it. */
function occupantContent(
  domain: GatewayDomain,
  room: Room,
  { member, statuses = NONE, gone }: Omit<OccupantPresence, 'to'>,
): readonly XmlElement[] {
  if (gone === undefined && statuses.length === 0) return [verbatim(textOf(domain, room, member))];
  const x: XmlElement[] = [itemOf(domain, member, gone)];
  for (const code of statuses) x.push(muc('status', { code }, NONE));
  const content: XmlElement[] = [];
  if (gone === undefined && member.show !== undefined && member.show !== 'online') {
    content.push(client('show', member.show));
  }
  const status = gone === undefined ? member.status : gone.status;
  if (status !== undefined && status !== '') content.push(client('status', status));
  content.push(muc('x', {}, x), occupantIdElement(room.occupantIds.ofMember(member)));
  return content;
}

/** The same for one who is simply there. There are thousands at a join, so it is made as text. */
function textOf(domain: GatewayDomain, room: Room, member: Member): string {
  const { affiliation, role } = STANDINGS[member.rank];
  const { contact, show, status } = member;
  const id = room.occupantIds.ofMember(member);
  const jid =
    contact === undefined
      ? ''
      : ` jid='${escapeAttribute(domain.jidOf({ kind: 'contact', id: contact }))}'`;
  let text = show === undefined || show === 'online' ? '' : `<show>${show}</show>`;
  if (status !== undefined && status !== '') text += `<status>${escapeText(status)}</status>`;
  return `${text}<x xmlns='${NS_MUC_USER}'><item affiliation='${affiliation}' role='${role}'${jid}/></x><occupant-id xmlns='${NS_OCCUPANT_ID}' id='${id}'/>`;
}

function itemOf(domain: GatewayDomain, member: Member, gone: OccupantPresence['gone']): XmlElement {
  const { affiliation, role } = STANDINGS[member.rank];
  const attributes: Record<string, string> = {
    affiliation: gone?.affiliation ?? affiliation,
    role: gone === undefined || gone.newNick !== undefined ? role : 'none',
  };
  const { contact } = member;
  if (contact !== undefined) attributes['jid'] = domain.jidOf({ kind: 'contact', id: contact });
  if (gone === undefined) return muc('item', attributes, NONE);
  if (gone.newNick !== undefined) attributes['nick'] = gone.newNick;
  const children: XmlElement[] = [];
  if (gone.actor !== undefined) children.push(muc('actor', { nick: gone.actor }, NONE));
  if (gone.reason !== undefined) children.push(muc('reason', {}, [gone.reason]));
  return muc('item', attributes, children);
}

const NONE: readonly never[] = [];

function muc(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly XmlNode[],
): XmlElement {
  return { name, namespace: NS_MUC_USER, attributes, children };
}

function client(name: string, text: string): XmlElement {
  return { name, namespace: NS_CLIENT, attributes: {}, children: [text] };
}
