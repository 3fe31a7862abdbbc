import type {
  Address,
  ContactId,
  Moderation,
  Rank,
  Session,
  Language,
} from '../../plugin/index.ts';
import type { Feature, IqReply } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Room } from '../../session/room.ts';
import type { Context } from '../../router/context.ts';
import type { Sessions } from '../../session/sessions.ts';
import { childrenOf, childText, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseJid } from '../../xmpp/jid.ts';
import { NS_MUC_ADMIN } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { STANDINGS } from './occupant-presence.ts';
import { messageTexts } from '../message-texts.ts';
import { texts } from './texts.ts';

const MAX_ITEMS = 50;

/** XEP-0045 §5.1-5.2: what can be asked for in a list. */
const ROLES: ReadonlySet<string> = new Set(['moderator', 'participant', 'visitor', 'none']);
const AFFILIATIONS: ReadonlySet<string> = new Set(['owner', 'admin', 'member', 'none', 'outcast']);

const RANK_BY_ROLE: Readonly<Record<string, Rank>> = {
  moderator: 'admin',
  participant: 'member',
  visitor: 'visitor',
};

const RANK_BY_AFFILIATION: Readonly<Record<string, Rank>> = {
  owner: 'owner',
  admin: 'admin',
  member: 'member',
  none: 'participant',
};

/** XEP-0045 §8-9: kick, ban, roles and affiliations. */
export function admin(domain: GatewayDomain, sessions: Sessions): Feature {
  if (!domain.gateway.features.includes('moderate')) return {};
  const payload = { name: 'query', namespace: NS_MUC_ADMIN };
  const roomOf = ({ from, language }: Context, id: Room['id']): Room => {
    const room = sessions.find(from)?.rooms.get(id);
    if (room?.resources.has(from.full) === true) return room;
    throw new StanzaError('forbidden', texts(language).notInRoom, { language });
  };
  return {
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload,
        targets: ['room'],
        needs: 'account',
        handle: (context, query) => {
          const { target, from } = context;
          if (target.kind !== 'room') return {};
          const room = roomOf(context, target.id);
          if (!asksForOutcasts(domain, query)) return list(domain, room, query);
          return listOutcasts(domain, room, sessions.of(from).network());
        },
      },
      {
        stanza: 'iq',
        type: 'set',
        payload,
        targets: ['room'],
        needs: 'account',
        handle: async (context, query) => {
          const { target, from, language } = context;
          if (target.kind !== 'room') return {};
          const room = roomOf(context, target.id);
          const acts = actsOf(domain, room, query, language);
          const network = sessions.of(from).network();
          for (const act of acts) await network.moderate?.(room.id, act);
          return {};
        },
      },
    ],
  };
}

function asksForOutcasts({ gateway }: GatewayDomain, query: XmlElement): boolean {
  const [wanted] = childrenOf(query, 'item', NS_MUC_ADMIN);
  return wanted?.attributes['affiliation'] === 'outcast' && gateway.features.includes('exclusions');
}

/** XEP-0045 §9.2: who may not enter. */
async function listOutcasts(domain: GatewayDomain, room: Room, network: Session): Promise<IqReply> {
  const items = ((await network.exclusions?.(room.id)) ?? []).map(({ contact, reason }) =>
    xml(
      'item',
      NS_MUC_ADMIN,
      { affiliation: 'outcast', jid: domain.jidOf({ kind: 'contact', id: contact }) },
      reason === undefined ? [] : [xml('reason', NS_MUC_ADMIN, {}, [reason])],
    ),
  );
  return { payload: xml('query', NS_MUC_ADMIN, {}, items) };
}

/** XEP-0045 §8.5, 9.5, 9.8, 10.5, 17.4: those present with the role or affiliation asked for; affiliations without their roles. */
function list(domain: GatewayDomain, room: Room, query: XmlElement): IqReply {
  const [wanted] = childrenOf(query, 'item', NS_MUC_ADMIN);
  const { role, affiliation } = wanted?.attributes ?? {};
  const isKnown = role === undefined ? AFFILIATIONS.has(affiliation ?? '') : ROLES.has(role);
  if (!isKnown) throw new StanzaError('bad-request');
  const items: XmlElement[] = [];
  for (const member of room.members.values()) {
    const standing = STANDINGS[member.rank];
    if (role !== undefined && standing.role !== role) continue;
    if (affiliation !== undefined && standing.affiliation !== affiliation) continue;
    const jid =
      member.contact === undefined
        ? undefined
        : domain.jidOf({ kind: 'contact', id: member.contact });
    const known = role === undefined ? { affiliation: standing.affiliation } : standing;
    items.push(xml('item', NS_MUC_ADMIN, { ...known, nick: member.nick, jid }));
  }
  return { payload: xml('query', NS_MUC_ADMIN, {}, items) };
}

function actsOf(
  domain: GatewayDomain,
  room: Room,
  query: XmlElement,
  language: Language,
): Moderation[] {
  const items = childrenOf(query, 'item', NS_MUC_ADMIN);
  if (items.length === 0 || items.length > MAX_ITEMS) throw new StanzaError('bad-request');
  return items.map((item) => actOf(domain, room, item, language));
}

function actOf(
  domain: GatewayDomain,
  room: Room,
  item: XmlElement,
  language: Language,
): Moderation {
  const { role, affiliation } = item.attributes;
  // XEP-0045 §17.4: one of them at a time.
  if (role !== undefined && affiliation !== undefined) throw new StanzaError('bad-request');
  const text = childText(item, 'reason', NS_MUC_ADMIN);
  const reason = text === undefined || text === '' ? {} : { reason: text };
  const contact = absentContact(domain, room, item);
  if (contact !== undefined && affiliation === 'outcast') {
    return { kind: 'exclude', contact, ...reason };
  }
  if (contact !== undefined && affiliation === 'none') return { kind: 'readmit', contact };
  const nick = nickOf(domain, room, item, language);
  if (role === 'none') return { kind: 'kick', nick, ...reason };
  if (affiliation === 'outcast') {
    // XEP-0045 §9.1.
    if (nick === room.nick)
      throw new StanzaError('conflict', texts(language).notMyself, { language });
    return { kind: 'ban', nick, ...reason };
  }
  const rank = role === undefined ? RANK_BY_AFFILIATION[affiliation ?? ''] : RANK_BY_ROLE[role];
  if (rank === undefined) throw new StanzaError('bad-request');
  return { kind: 'rank', nick, rank };
}

/** XEP-0045 §9.1, 9.2: somebody who is not here is known by JID alone. */
function absentContact(
  domain: GatewayDomain,
  room: Room,
  { attributes: { nick, jid } }: XmlElement,
): ContactId | undefined {
  const address = nick === undefined ? addressAt(domain, jid) : undefined;
  if (address?.kind !== 'contact' || !domain.gateway.features.includes('exclusions')) {
    return undefined;
  }
  for (const { contact } of room.members.values()) if (contact === address.id) return undefined;
  return address.id;
}

/** What a JID of ours stands for. Those of others, however alike, are nobody here. */
function addressAt(domain: GatewayDomain, text: string | undefined): Address | undefined {
  const jid = parseJid(text ?? '');
  return jid?.local === undefined || jid.domain !== domain.domain
    ? undefined
    : domain.addressOf(jid.local);
}

/** By nick, or by the JID that the occupant is shown with. */
function nickOf(domain: GatewayDomain, room: Room, item: XmlElement, language: Language): string {
  const { nick, jid } = item.attributes;
  if (nick !== undefined) {
    if (!room.members.has(nick)) {
      const text = messageTexts(language).notPresent(nick);
      throw new StanzaError('item-not-found', text, { language });
    }
    return nick;
  }
  const address = addressAt(domain, jid);
  for (const member of room.members.values()) {
    if (address?.kind === 'contact' && member.contact === address.id) return member.nick;
  }
  throw new StanzaError('item-not-found');
}
