import type { Context } from '../router/context.ts';
import type { Feature, IqReply } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Sessions } from '../session/sessions.ts';
import { childOf, childText } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_MODERATE, NS_RETRACT } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { networkIdsOf, recall, referred } from './known-messages.ts';
import { can, trouble } from './place.ts';
import { moderated } from './retraction.ts';

/** XEP-0425: a moderator takes back what somebody else wrote in a room. */
export function moderation(domain: GatewayDomain, sessions: Sessions): Feature {
  const isOffered = domain.gateway.features.includes('retract');
  return {
    ...(isOffered ? { namespaces: { room: [NS_MODERATE] } } : {}),
    routes: [
      {
        stanza: 'iq',
        type: 'set',
        payload: { name: 'moderate', namespace: NS_MODERATE },
        targets: ['room'],
        needs: 'account',
        handle: (context, payload) => moderate(sessions, context, payload),
      },
    ],
  };
}

async function moderate(
  sessions: Sessions,
  { target, from, language }: Context,
  payload: XmlElement,
): Promise<IqReply> {
  const session = sessions.of(from, language);
  const room = target.kind === 'room' ? session.rooms.get(target.id) : undefined;
  if (room?.resources.has(from.full) !== true)
    throw trouble(session, 'not-acceptable', 'notInRoom');
  if (!can(session, 'retract')) throw trouble(session, 'feature-not-implemented', 'noModeration');
  const { id } = payload.attributes;
  const isRetraction = childOf(payload, 'retract', NS_RETRACT) !== undefined;
  if (id === undefined || !isRetraction) throw new StanzaError('bad-request');
  const to = room.address;
  const where = { session, to, room };
  await recall(where, id);
  const known = referred(where, id);
  const reason = childText(payload, 'reason', NS_MODERATE);
  const networkIds = known === undefined ? [] : await networkIdsOf(known);
  if (known === undefined || networkIds.length === 0) {
    throw trouble(session, 'item-not-found', 'unknownMessage');
  }
  const how = { asModerator: true, ...(reason === undefined ? {} : { reason }) };
  for (const networkId of networkIds) await session.network().retract?.(to, networkId, how);
  return { after: moderated(session, room, known, { by: room.nick, reason }) ?? [] };
}
