import { NetworkError } from '../plugin/index.ts';
import type { ReactionEvent } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import { NS_HINTS, NS_REACTIONS } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { fromContact } from './from-contact.ts';
import { named, networkIdsOf, referred } from './known-messages.ts';
import { reflection } from './muc/reflection.ts';
import { roomMessage } from './muc/room-message.ts';
import { can, offered, settle, trouble } from './place.ts';
import type { Place } from './place.ts';

/** XEP-0444: what people feel about a message. */
export function reactions(domain: GatewayDomain): Feature {
  return { ...offered(domain, 'react', [NS_REACTIONS]), events: { reaction: reactionOnNetwork } };
}

/** XEP-0444 §4.3: what cannot be is answered with `not-acceptable`. */
export function react(place: Place, id: string, emoji: readonly string[]): undefined {
  const { session, room, stanza } = place;
  if (!can(session, 'react')) throw trouble(session, 'not-acceptable', 'noReactions');
  const known = referred(place, id);
  if (known === undefined) throw trouble(session, 'item-not-found', 'unknownMessage');
  settle(place, reactTo(session, known, emoji), () =>
    room === undefined ? undefined : reflection(session, room, stanza),
  );
}

async function reactTo(
  session: UserSession,
  known: KnownMessage,
  emoji: readonly string[],
): Promise<void> {
  const [id] = await networkIdsOf(known);
  if (id === undefined) throw trouble(session, 'item-not-found', 'unknownMessage');
  try {
    await session.network().react?.(known.chat, id, emoji);
  } catch (error) {
    if (!(error instanceof NetworkError) || error.kind !== 'unsupported') throw error;
    throw new StanzaError('not-acceptable', error.message, { language: session.language });
  }
}

function reactionOnNetwork(
  session: UserSession,
  { chat, id, nick, emoji }: ReactionEvent,
  nextId: () => string,
): Output {
  const known = named(session, chat, id);
  const room = chat.kind === 'room' ? session.rooms.get(chat.id) : undefined;
  const target = chat.kind === 'room' ? known?.stanzaId : known?.id;
  if (target === undefined) return undefined;
  const children = [
    xml(
      'reactions',
      NS_REACTIONS,
      { id: target },
      emoji.map((one) => xml('reaction', NS_REACTIONS, {}, [one])),
    ),
    xml('store', NS_HINTS),
  ];
  if (room !== undefined) return roomMessage(session, room, { nick, id: nextId(), children });
  if (chat.kind !== 'contact') return undefined;
  return fromContact(session, chat.id, nextId(), children);
}
