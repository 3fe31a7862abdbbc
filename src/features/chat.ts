import type { MessageEvent } from '../plugin/index.ts';
import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import { memberAt } from '../session/member-at.ts';
import { beginningOf } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { delayElement } from '../xmpp/delay.ts';
import { messageParts } from '../xmpp/message-parts.ts';
import { NS_CLIENT, NS_CONFERENCE } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import { activeState, wroteSo } from './chat-states.ts';
import { fromContact } from './from-contact.ts';
import { fromUser } from './from-user.ts';
import { composed } from './incoming.ts';
import { markable } from './markers.ts';
import { messageTexts } from './message-texts.ts';
import { inviteDirectly } from './muc/invitations.ts';
import type { ShownFile } from './files.ts';
import { nickElement } from './nick.ts';
import type { Nicknames } from './nick.ts';
import { trouble } from './place.ts';
import { failure, sentStanza, undelivered } from './undelivered.ts';
import { whisperWay } from './whispers.ts';

/** Messages between the user and one contact (RFC 6121 §5, XEP-0100 §4.8), within a room too (XEP-0045 §7.5). */
export function chat(nicknames: Nicknames): Feature {
  return {
    routes: [
      {
        stanza: 'message',
        types: ['chat', 'normal'],
        targets: ['contact', 'network'],
        needs: 'account',
        handle: ({ stanza, target }, session) => {
          if (target.kind !== 'contact' && target.kind !== 'network') return undefined;
          const parts = messageParts(stanza);
          const isSaid = parts.body !== undefined;
          if (isSaid && target.kind === 'contact') session.whispers.delete(target.id);
          const invitation = isSaid ? undefined : childOf(stanza, 'x', NS_CONFERENCE);
          if (invitation !== undefined && target.kind === 'contact') {
            return inviteDirectly(session, stanza, target.id, invitation);
          }
          return fromUser({ session, stanza, parts, to: target, room: undefined });
        },
      },
      {
        stanza: 'message',
        types: ['chat', 'normal'],
        targets: ['occupant'],
        needs: 'account',
        handle: whisper,
      },
      {
        stanza: 'message',
        types: ['headline'],
        targets: ['contact', 'network', 'occupant'],
        handle: () => undefined,
      },
    ],
    events: {
      message: (session, event, nextId) => {
        introduce(nicknames, session, event);
        return fromNetwork(session, event, nextId);
      },
      failed: async (session, { key, error }) => {
        const stanza = session.sent.take(key) ?? (await sentStanza(session, key));
        return stanza === undefined ? undefined : failure(session, stanza, error);
      },
      undelivered,
      notice: (session, { network, text }) => {
        const { domain } = session;
        const from =
          network === undefined ? domain.domain : domain.jidOf({ kind: 'network', id: network });
        const to = session.user.bare;
        return [
          xml('message', NS_CLIENT, { from, to, type: 'headline', id: newStanzaId() }, [
            xml('body', NS_CLIENT, {}, [text]),
          ]),
        ];
      },
    },
  };
}

/** A private message to somebody in a room goes to the same contact, whose answers then come from there. */
function whisper(
  { stanza, target, from }: Context,
  session: UserSession,
): Output | Promise<Output> {
  if (target.kind !== 'occupant') return undefined;
  const room = session.rooms.get(target.id);
  if (room === undefined || !room.resources.has(from.full)) {
    throw trouble(session, 'not-acceptable', 'notInRoom');
  }
  const member = memberAt(session.domain, room, target.nick);
  const contact = member?.contact;
  if (member === undefined || contact === undefined) {
    const { language } = session;
    throw new StanzaError('item-not-found', messageTexts(language).notPresent(target.nick), {
      language,
    });
  }
  const parts = messageParts(stanza);
  const invitation = parts.body === undefined && childOf(stanza, 'x', NS_CONFERENCE);
  if (invitation) return inviteDirectly(session, stanza, contact, invitation);
  if (parts.body !== undefined) {
    session.whispers.set(contact, { room: room.id, nick: member.nick });
  }
  const to = { kind: 'contact', id: contact } as const;
  return fromUser({ session, stanza, parts, to, room: undefined });
}

type Told = Omit<MessageEvent, 'files'> & { readonly files?: readonly ShownFile[] };

function fromNetwork(session: UserSession, event: Told, nextId: () => string): Output {
  const { at, from, nick, isOwn = false } = event;
  const chat = { kind: 'contact', id: from } as const;
  const { contents, replaced } = composed(
    session,
    chat,
    isOwn ? elsewhere(session, event) : event,
    (earlier) => earlier.isOwn === isOwn,
  );
  const delay = at === undefined ? undefined : delayElement(at, session.domain.domain);
  if (!isOwn) wroteSo(session, chat, undefined);
  const stanzas: XmlElement[] = [];
  for (const content of contents) {
    const id = nextId();
    if (content === contents[0]) {
      session.messageIds.add({
        chat,
        id: replaced?.id ?? id,
        stanzaId: undefined,
        networkIds: event.id === undefined ? [] : [event.id],
        isOwn,
        nick,
        text: beginningOf(event.text),
        order: session.messageIds.nextOrder(),
      });
    }
    const extras = isOwn
      ? []
      : [markable(session), activeState(session), introduction(session, event)];
    stanzas.push(...fromContact(session, from, id, [...content, ...extras, delay]));
  }
  return stanzas;
}

/** In a room they have their nicks; what the user wrote elsewhere says nothing of the contact. */
function introduce(
  nicknames: Nicknames,
  session: UserSession,
  { from, nick, isOwn = false }: MessageEvent,
): void {
  if (isOwn || whisperWay(session, from) !== undefined) return;
  const name = nick ?? session.contacts.get(from)?.name ?? '';
  if (name !== '') nicknames.tell(session, from, name);
}

/** XEP-0172 §4.3: whoever is not on the user's list says what they are called: a local part is no name. */
function introduction(
  { domain, subscriptions, contacts }: UserSession,
  { from, nick }: Told,
): XmlElement | undefined {
  if (subscriptions.of(domain.localOf({ kind: 'contact', id: from })).fromUser) return undefined;
  return nickElement(nick ?? contacts.get(from)?.name);
}

/** What the user wrote with another program can only be shown as if the contact said so. */
function elsewhere({ language }: UserSession, event: Told): Told {
  const { styles: _, ...rest } = event;
  return { ...rest, text: messageTexts(language).elsewhere(event.text) };
}
