import type { Address, ContactId, MessageEvent } from '../plugin/index.ts';
import { toStanzaError } from '../router/error-boundary.ts';
import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { childText, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { delayElement } from '../xmpp/delay.ts';
import { NS_CLIENT, NS_MUC_USER } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { errorReply, newStanzaId } from '../xmpp/stanza.ts';

/** Messages between the user and one contact (RFC 6121 §5, XEP-0100 §4.8), within a room too (XEP-0045 §7.5). */
export function chat(): Feature {
  return {
    routes: [
      {
        stanza: 'message',
        types: ['chat', 'normal'],
        targets: ['contact', 'network'],
        needs: 'account',
        handle: (context, session) => {
          const { target } = context;
          if (target.kind === 'contact') session.whispers.delete(target.id);
          if (target.kind !== 'contact' && target.kind !== 'network') return undefined;
          return toNetwork(context, session, target);
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
      message: fromNetwork,
      failed: (session, { key, error }) => {
        const stanza = session.sent.take(key);
        return stanza === undefined ? undefined : refusal(session, stanza, error);
      },
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
function whisper(context: Context, session: UserSession): Output {
  const { target, from } = context;
  if (target.kind !== 'occupant') return undefined;
  const room = session.rooms.get(target.id);
  if (room === undefined || !room.resources.has(from.full)) {
    throw new StanzaError('not-acceptable', 'You are not in this room.', { type: 'modify' });
  }
  const member = room.members.get(target.nick);
  if (member?.contact === undefined) {
    throw new StanzaError('item-not-found', `${target.nick} is not in this room.`);
  }
  session.whispers.set(member.contact, { room: room.id, nick: target.nick });
  return toNetwork(context, session, { kind: 'contact', id: member.contact });
}

/** Hands a text over; without one (chat states and the like) there is nothing to tell. */
function toNetwork(context: Context, session: UserSession, to: Address): Output {
  const text = childText(context.stanza, 'body', NS_CLIENT);
  if (text === undefined || text === '') return undefined;
  sendText(session, to, text, context.stanza, () => undefined);
  return undefined;
}

/**
 * Gives a text to the gateway. Whatever becomes of it later is told by way of the mailbox: `sent` makes the stanzas
 * for success, the sender of the stanza gets an error with its id otherwise.
 */
export function sendText(
  session: UserSession,
  to: Address,
  text: string,
  stanza: XmlElement,
  sent: () => Output,
): void {
  const key = newStanzaId();
  session.sent.add(key, stanza);
  session
    .network()
    .send(to, { key, text })
    .then(
      () => session.mailbox.post(sent),
      (error: unknown) => {
        session.sent.take(key);
        session.mailbox.post(() => refusal(session, stanza, error));
      },
    );
}

function refusal(session: UserSession, stanza: XmlElement, error: unknown): Output {
  const reply = errorReply(stanza, toStanzaError(error, session.log));
  return reply === undefined ? undefined : [reply];
}

function fromNetwork(session: UserSession, event: MessageEvent): Output {
  const body = xml('body', NS_CLIENT, {}, [event.text]);
  const delay = event.at === undefined ? undefined : delayElement(event.at, session.domain.domain);
  const id = newStanzaId();
  const way = whisperWay(session, event.from);
  if (way === undefined) {
    const from = session.domain.jidOf({ kind: 'contact', id: event.from });
    const to = session.user.bare;
    return [xml('message', NS_CLIENT, { from, to, type: 'chat', id }, [body, delay])];
  }
  return way.to.map((to) =>
    xml('message', NS_CLIENT, { from: way.from, to, type: 'chat', id }, [
      body,
      delay,
      xml('x', NS_MUC_USER),
    ]),
  );
}

/** Where an answer comes from when the user wrote to the contact by way of a room, and both are still in it. */
function whisperWay(
  session: UserSession,
  contact: ContactId,
): { readonly from: string; readonly to: readonly string[] } | undefined {
  const known = session.whispers.get(contact);
  if (known === undefined) return undefined;
  const room = session.rooms.get(known.room);
  if (room === undefined || room.resources.size === 0) return undefined;
  if (room.members.get(known.nick)?.contact !== contact) return undefined;
  const from = session.domain.occupantJid(room.jid, known.nick);
  return { from, to: [...room.resources.keys()] };
}
