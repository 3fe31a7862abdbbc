import { NetworkError } from '../../plugin/index.ts';
import type { ContactId, InvitedEvent, RoomId } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output } from '../../session/mailbox.ts';
import { memberAt } from '../../session/member-at.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, childText, childrenOf, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseJid } from '../../xmpp/jid.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { NS_CLIENT, NS_CONFERENCE, NS_MUC_USER } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { errorReply, newStanzaId } from '../../xmpp/stanza.ts';
import { trouble } from '../place.ts';
import { texts } from './texts.ts';

const MOST_AT_ONCE = 20;

/** XEP-0045 §7.8.2: the user asks people into a room, and is asked herself. */
export function invitations(domain: GatewayDomain, sessions: Sessions): Feature {
  const events: Feature = { events: { invited } };
  if (!domain.gateway.features.includes('invite')) return events;
  return {
    ...events,
    namespaces: { contact: [NS_CONFERENCE] },
    routes: [
      {
        stanza: 'message',
        types: ['normal'],
        targets: ['room'],
        needs: 'allowed',
        isFor: ({ stanza }) => declineIn(stanza) !== undefined,
        handle: (context, session) => decline(context, session, sessions),
      },
      {
        stanza: 'message',
        types: ['normal'],
        targets: ['room'],
        needs: 'account',
        handle: invite,
      },
    ],
  };
}

function declineIn(stanza: XmlElement): XmlElement | undefined {
  const muc = childOf(stanza, 'x', NS_MUC_USER);
  return muc === undefined ? undefined : childOf(muc, 'decline', NS_MUC_USER);
}

/** XEP-0045 §7.8.2: by who was asked in, and so from outside. Users of the gateway are told, as long as they are in the room. */
function decline(
  { stanza, target, from, language }: Context,
  session: UserSession,
  sessions: Sessions,
): Output {
  const element = declineIn(stanza);
  if (target.kind !== 'room' || element === undefined) return undefined;
  const inviter = parseJid(element.attributes['to'] ?? '');
  if (inviter === undefined || !isUser(session, inviter)) {
    throw new StanzaError('feature-not-implemented', texts(language).noDecline, { language });
  }
  const room = sessions.find(inviter)?.rooms.get(target.id);
  // Others do not learn from it who is in the room.
  if (room === undefined || room.resources.size === 0 || !room.declines(from.bare)) {
    throw new StanzaError('item-not-found', texts(language).noInviter, { language });
  }
  const reason = childText(element, 'reason', NS_MUC_USER);
  const words = reason === undefined ? [] : [xml('reason', NS_MUC_USER, {}, [reason])];
  const declined = xml('decline', NS_MUC_USER, { from: from.bare }, words);
  const { id = newStanzaId(), 'xml:lang': lang } = stanza.attributes;
  return [
    xml('message', NS_CLIENT, { from: room.jid, to: inviter.bare, id, 'xml:lang': lang }, [
      xml('x', NS_MUC_USER, {}, [declined]),
    ]),
  ];
}

function invited(session: UserSession, { room, by, reason }: InvitedEvent): Output {
  const { domain } = session;
  const from = by === undefined ? domain.domain : domain.jidOf({ kind: 'contact', id: by });
  return [invitation(session, room, { from, reason })];
}

export interface InvitationParts {
  readonly from: string;
  readonly reason: string | undefined;
  /** The user herself, if nobody is named. */
  readonly to?: string;
  readonly password?: string | undefined;
}

/** The stanza that asks somebody's clients into a room. */
export function invitation(
  { domain, user }: UserSession,
  id: RoomId,
  { from, reason, to = user.bare, password }: InvitationParts,
): XmlElement {
  const room = domain.jidOf({ kind: 'room', id });
  const words = reason === undefined ? [] : [xml('reason', NS_MUC_USER, {}, [reason])];
  return xml('message', NS_CLIENT, { from: room, to, id: newStanzaId() }, [
    xml('x', NS_MUC_USER, {}, [
      xml('invite', NS_MUC_USER, { from }, words),
      password === undefined ? undefined : xml('password', NS_MUC_USER, {}, [password]),
    ]),
  ]);
}

function invite({ stanza, target, from }: Context, session: UserSession): Output {
  if (target.kind !== 'room') return undefined;
  const muc = childOf(stanza, 'x', NS_MUC_USER);
  const room = session.rooms.get(target.id);
  if (room?.resources.has(from.full) !== true) {
    throw trouble(session, 'not-acceptable', 'notInRoom');
  }
  const invites = muc === undefined ? [] : childrenOf(muc, 'invite', NS_MUC_USER);
  if (invites.length === 0 || invites.length > MOST_AT_ONCE) throw new StanzaError('bad-request');
  const passedOn: XmlElement[] = [];
  for (const element of invites) {
    const { to = '' } = element.attributes;
    const reason = childText(element, 'reason', NS_MUC_USER);
    const jid = parseJid(to);
    if (jid !== undefined && isUser(session, jid)) {
      const { password } = room;
      const parts = { from: from.bare, to: jid.bare, reason, password };
      passedOn.push(invitation(session, room.id, parts));
      room.asksIn(jid.bare);
    } else {
      const contact = contactOf(session, to);
      inviteContact(session, stanza, { room: room.id, contact, reason });
    }
  }
  return passedOn;
}

/** Somebody on Jabber who may use this gateway, and so enter the room herself. */
const isUser = ({ domain }: UserSession, jid: Jid): boolean =>
  jid.domain !== domain.domain && jid.local !== undefined && domain.policy.allows(jid);

/** XEP-0249: the same by a message to the contact. The network knows one way only. */
export function inviteDirectly(
  session: UserSession,
  stanza: XmlElement,
  contact: ContactId,
  { attributes }: XmlElement,
): Output {
  const { domain, rooms, language } = session;
  const jid = parseJid(attributes['jid'] ?? '');
  const local = jid?.domain === domain.domain ? jid.local : undefined;
  const address = local === undefined ? undefined : domain.addressOf(local);
  if (address?.kind !== 'room') {
    throw new StanzaError('item-not-found', texts(language).onlyOwnRooms, { language });
  }
  if (!rooms.has(address.id)) throw trouble(session, 'not-acceptable', 'notInRoom');
  inviteContact(session, stanza, { room: address.id, contact, reason: attributes['reason'] });
  return undefined;
}

interface Wish {
  readonly room: RoomId;
  readonly contact: ContactId;
  readonly reason: string | undefined;
}

/** What the network refuses is told later. */
function inviteContact(session: UserSession, stanza: XmlElement, wish: Wish): void {
  askNetwork(session, wish).catch((error: unknown) =>
    session.mailbox.post(() => {
      const reply = errorReply(stanza, toStanzaError(error, session.log, session.language));
      return reply === undefined ? undefined : [reply];
    }),
  );
}

async function askNetwork(session: UserSession, { room, contact, reason }: Wish): Promise<void> {
  const asking = session.network().invite?.(room, contact, reason);
  if (asking === undefined)
    throw new NetworkError('unsupported', texts(session.language).nobodyInvited);
  await asking;
}

/** A contact of the gateway, or somebody in another of its rooms. */
function contactOf({ domain, rooms, language }: UserSession, to: string): ContactId {
  const jid = parseJid(to);
  if (jid?.domain !== domain.domain || jid.local === undefined) {
    throw new StanzaError('item-not-found', texts(language).onlyContacts, { language });
  }
  const address = domain.addressOf(jid.local);
  if (address?.kind === 'contact') return address.id;
  const room = address?.kind === 'room' ? rooms.get(address.id) : undefined;
  const member = room === undefined ? undefined : memberAt(domain, room, jid.resource ?? '');
  if (member?.contact === undefined) throw new StanzaError('item-not-found');
  return member.contact;
}
