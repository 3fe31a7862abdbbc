import type { RoomId, RoomListing, RoomTrait, TraitsEvent } from '../../plugin/index.ts';
import type {
  ContextOf,
  DiscoQuestion,
  Feature,
  InfoPart,
  ItemsPart,
} from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output } from '../../session/mailbox.ts';
import { memberAt } from '../../session/member-at.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { dataFormElement } from '../../xmpp/data-form.ts';
import type { FormField } from '../../xmpp/data-form.ts';
import {
  NS_CLIENT,
  NS_MUC,
  NS_MUC_ROOMINFO,
  NS_MUC_USER,
  NS_OCCUPANT_ID,
  NS_RSM,
  NS_STANZA_ID,
} from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { STATUS } from './occupant-presence.ts';
import { itemsPage, RoomList } from './room-list.ts';

/** What holds of all rooms, so that where they are says so as well (XEP-0045 §7.4, XEP-0421 §4, XEP-0059 §4). */
const EVERYWHERE = [NS_MUC, `${NS_MUC}#stable_id`, NS_OCCUPANT_ID, NS_RSM];
/** XEP-0045 §18.1.1. */
const NODE_TRAFFIC = `${NS_MUC}#traffic`;
/** XEP-0045 §7.12. */
const NODE_OWN_NICK = 'x-roomuser-item';

/** XEP-0045 §16.3: what a room says of itself with a trait, and without it. */
const TRAIT_FEATURES: readonly (readonly [RoomTrait, string, string])[] = [
  ['members-only', 'muc_membersonly', 'muc_open'],
  ['moderated', 'muc_moderated', 'muc_unmoderated'],
  ['key', 'muc_passwordprotected', 'muc_unsecured'],
  ['hidden', 'muc_hidden', 'muc_public'],
  ['persistent', 'muc_persistent', 'muc_temporary'],
];

/** XEP-0045 §6: which rooms there are, what they are like, who is in them. */
export function roomInfo({ domain, sessions }: Surroundings): Feature {
  if (!domain.gateway.features.includes('join')) return {};
  const list = new RoomList(domain, sessions);
  return {
    namespaces: {
      gateway: EVERYWHERE,
      network: EVERYWHERE,
      room: [...EVERYWHERE, 'muc_nonanonymous', `${NS_MUC}#self-ping-optimization`, NS_STANZA_ID],
    },
    info: (question) => info(domain, list, question),
    items: (question) =>
      isOf('room', question.context) || isOf('occupant', question.context)
        ? occupants(domain, question)
        : list.items(question),
    events: { traits: traitsChanged },
  };
}

function isOf<Kind extends 'room' | 'occupant'>(
  kind: Kind,
  context: DiscoQuestion['context'],
): context is ContextOf<Kind> {
  return context.target.kind === kind;
}

function info(
  domain: GatewayDomain,
  list: RoomList,
  { context, session, node }: DiscoQuestion,
): InfoPart | undefined {
  if (isOf('occupant', context)) return aboutOccupant(context, session);
  if (!isOf('room', context)) return undefined;
  const { id } = context.target;
  const room = session?.rooms.get(id);
  if (node === NODE_OWN_NICK) return room === undefined ? {} : conference(room.nick);
  if (node === NODE_TRAFFIC) throw new StanzaError('feature-not-implemented');
  if (node !== '') return undefined;
  return aboutRoom(domain, id, room, list.find(session, id));
}

/** XEP-0045 §6.6: others are told nothing of who is in a room. */
function aboutOccupant(
  { target, from }: ContextOf<'occupant'>,
  session: UserSession | undefined,
): undefined {
  const room = session?.rooms.get(target.id);
  if (session === undefined || room?.resources.has(from.full) !== true) {
    throw new StanzaError('bad-request');
  }
  if (memberAt(session.domain, room, target.nick) === undefined) {
    throw new StanzaError('item-not-found');
  }
}

/** XEP-0045 §6.4: as the user sees it from inside, else as the list of rooms has it. */
function aboutRoom(
  domain: GatewayDomain,
  id: RoomId,
  room: Room | undefined,
  listing: RoomListing | undefined,
): InfoPart {
  const isInside = room !== undefined && room.phase !== 'joining';
  const traits = isInside ? room.traits : undefined;
  const subject = isInside ? room.subject?.text : listing?.subject;
  const size = isInside ? room.members.size : listing?.size;
  const fields = [
    field('muc#roominfo_description', listing?.name),
    field('muc#roominfo_subject', subject === '' ? undefined : subject),
    field('muc#roominfo_occupants', size?.toString()),
  ].filter((each) => each !== undefined);
  return {
    ...conference(listing?.name ?? titleOf(domain, id)),
    namespaces: traits === undefined ? [] : featuresFor(traits),
    forms: [dataFormElement({ type: 'result', formType: NS_MUC_ROOMINFO, fields })],
  };
}

function titleOf({ gateway: { addresses } }: GatewayDomain, id: RoomId): string {
  return addresses.title?.(id) ?? addresses.format({ kind: 'room', id });
}

function featuresFor(traits: readonly RoomTrait[]): string[] {
  return TRAIT_FEATURES.flatMap(([trait, withIt, without]) => {
    if (traits.includes(trait)) return [withIt];
    const isNeither = trait === 'members-only' && traits.includes('on-invitation');
    return isNeither ? [] : [without];
  });
}

function field(name: string, value: string | undefined): FormField | undefined {
  return value === undefined ? undefined : { name, type: 'text-single', values: [value] };
}

function conference(name: string): InfoPart {
  return { identities: [{ category: 'conference', type: 'text', name }] };
}

/** XEP-0045 §6.5: who is in a room is told to those who are in it. */
function occupants(
  domain: GatewayDomain,
  { context, query, node, session }: DiscoQuestion,
): ItemsPart | undefined {
  if (isOf('occupant', context)) return aboutOccupant(context, session);
  if (!isOf('room', context) || node !== '') return undefined;
  const room = session?.rooms.get(context.target.id);
  if (room?.resources.has(context.from.full) !== true) return { items: [] };
  const items = [...room.members.keys()].map((name) => ({
    jid: domain.occupantJid(room.jid, name),
    name,
  }));
  return itemsPage(items, query);
}

/** XEP-0045 §10.2.1: those inside are told that the room is not what it was; what it is now they ask. */
function traitsChanged(session: UserSession, { room: id, traits }: TraitsEvent): Output {
  const room = session.rooms.get(id);
  if (room === undefined) return undefined;
  const isSame =
    traits.length === room.traits?.length && room.traits.every((each) => traits.includes(each));
  room.traits = traits;
  if (isSame) return undefined;
  const messageId = newStanzaId();
  const content = [
    xml('x', NS_MUC_USER, {}, [xml('status', NS_MUC_USER, { code: STATUS.configurationChanged })]),
  ];
  return [...room.resources.keys()].map((to): XmlElement =>
    xml('message', NS_CLIENT, { from: room.jid, to, type: 'groupchat', id: messageId }, content),
  );
}
