import type { Address, TypingEvent, TypingState } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CHAT_STATES, NS_CLIENT } from '../xmpp/namespaces.ts';
import { roomMessage } from './muc/room-message.ts';
import { can, offered } from './place.ts';
import type { Place } from './place.ts';
import { whisperWay } from './whispers.ts';

const FROM_USER: Readonly<Record<string, TypingState>> = {
  composing: 'typing',
  paused: 'paused',
  active: 'done',
  inactive: 'done',
  gone: 'done',
};

const TO_USER: Readonly<Record<TypingState, string>> = {
  typing: 'composing',
  paused: 'paused',
  done: 'active',
};

/** XEP-0085: who is writing. */
export function chatStates(domain: GatewayDomain): Feature {
  return {
    ...offered(domain, 'typing', [NS_CHAT_STATES]),
    events: { typing: typingFromNetwork },
  };
}

/** Goes with every message, so that the other side knows that we speak of states (XEP-0085 §5.1). */
export function activeState(session: UserSession): XmlElement | undefined {
  return can(session, 'typing') ? xml('active', NS_CHAT_STATES) : undefined;
}

/** Tells the network what the user does, each change once. Nobody has to know when that fails. */
export function typingFromUser({ session, to }: Place, chatState: string): undefined {
  const state = FROM_USER[chatState];
  if (state === undefined || !can(session, 'typing')) return;
  const name = `${to.kind} ${to.id}`;
  if (state === (session.typing.get(name) ?? 'done')) return;
  if (state === 'done') session.typing.delete(name);
  else session.typing.set(name, state);
  session
    .network()
    .typing?.(to, state)
    .catch((error: unknown) => session.log.debug({ err: error }, 'who writes could not be told'));
}

const writerName = (chat: Address, nick: string | undefined): string =>
  chat.kind === 'room' ? `room ${chat.id}/${nick ?? ''}` : `${chat.kind} ${chat.id}`;

/** Somebody on the network has said something, and is done writing. */
export function wroteSo(session: UserSession, chat: Address, nick: string | undefined): void {
  session.knownWriters?.forget(writerName(chat, nick));
}

/** A message says that its author has stopped writing. */
export function saidSo({ session, to }: Place): void {
  if (session.typing.size > 0) session.typing.delete(`${to.kind} ${to.id}`);
}

/** For those who are there: nobody wants to know later who was writing. XEP-0085 §5.3: each change once. */
function typingFromNetwork(session: UserSession, { chat, nick, state }: TypingEvent): Output {
  if (!session.writers.changes(writerName(chat, nick), state)) return undefined;
  const element = xml(TO_USER[state], NS_CHAT_STATES);
  if (chat.kind === 'room') {
    const room = session.rooms.get(chat.id);
    if (room === undefined || nick === undefined) return undefined;
    return roomMessage(session, room, { nick, id: undefined, children: [element], isKept: false });
  }
  if (chat.kind !== 'contact') return undefined;
  const way = whisperWay(session, chat.id);
  const from = way?.from ?? session.domain.jidOf(chat);
  const resources = way?.to ?? [...session.resources.keys()];
  return resources.map((to) =>
    xml('message', NS_CLIENT, { from, to, type: 'chat' }, [element, ...(way?.marks ?? [])]),
  );
}
