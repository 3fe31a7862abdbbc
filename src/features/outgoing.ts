import type { Content, MessageId, Outgoing, Sent } from '../plugin/index.ts';
import type { Output } from '../session/mailbox.ts';
import { beginningOf } from '../session/message-ids.ts';
import type { OwnMessage } from '../session/message-ids.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import { saidSo } from './chat-states.ts';
import { withLinks } from './links.ts';
import { messageTexts } from './message-texts.ts';
import { reflection } from './muc/reflection.ts';
import { can, refusal } from './place.ts';
import type { Place } from './place.ts';
import { answerFromUser } from './replies.ts';
import { stylesIn } from './styling.ts';

/** What the user says, in the way that the network can say it; `undefined` when there is no text. */
export function contentFromUser(place: Place): Content | undefined {
  const { parts, session } = place;
  const { body = '', subject = '', thread, answers, links } = parts;
  let content: Content = { text: body };
  if (answers !== undefined) content = answerFromUser(place, body);
  if (links.length > 0) content = { ...content, text: withLinks(content.text, links) };
  if (subject !== '') content = withSubject(place, content, subject);
  if (content.text === '') return undefined;
  if (thread !== undefined && can(session, 'thread')) content = { ...content, thread };
  return withStyles(place, content);
}

function withSubject({ session }: Place, content: Content, subject: string): Content {
  if (content.text === '') return { ...content, text: subject };
  if (can(session, 'subject')) return { ...content, subject };
  const line = messageTexts(session.language).subject(subject);
  return { ...content, text: `${line}\n\n${content.text}` };
}

/** The styles belong to the text as it will be in the end. */
export function withStyles({ parts, session }: Place, content: Content): Content {
  if (parts.isUnstyled || !can(session, 'styles')) return content;
  const styles = stylesIn(content.text);
  return styles.length === 0 ? content : { ...content, styles };
}

/** A new key for each message; kept with its stanza for the network's later refusal. */
export function outgoing({ session, stanza }: Place, content: Content): Outgoing {
  const key = newStanzaId();
  session.sent.add(key, stanza);
  return { key, ...content };
}

/**
 * Gives a message to the network. Whatever becomes of it later is told by way of the mailbox: in a room the user's
 * resources get it once it is taken; its sender gets an error otherwise.
 */
export function handOver(place: Place, content: Content): void {
  const { session, to, stanza } = place;
  saidSo(place);
  const message = outgoing(place, content);
  const sending = session.network().send(to, message);
  const own = remembered(place, content, sending);
  sending.then(
    ({ ids }) => {
      const shown = said(place, ids[0], own);
      if (own !== undefined) {
        own.undelivered = own.asksReceipt || own.isMarkable ? new Set(ids) : undefined;
        session.messageIds.named(own, { networkIds: ids, stanzaId: shown.stanzaId });
      }
      session.mailbox.post(shown.show);
    },
    (error: unknown) => {
      session.sent.take(message.key);
      if (own !== undefined) session.messageIds.forget(own);
      session.mailbox.post(() => refusal(session, stanza, error));
    },
  );
}

interface Said {
  readonly stanzaId: string | undefined;
  readonly show: () => Output;
}

function said(
  { session, room, stanza }: Place,
  networkId: MessageId | undefined,
  own: unknown,
): Said {
  if (room === undefined) return { stanzaId: undefined, show: () => undefined };
  const stanzaId = own === undefined ? undefined : session.domain.store.stanzaIds.next();
  return { stanzaId, show: () => reflection(session, room, stanza, { stanzaId, networkId }) };
}

function remembered(
  { session, to, room, stanza, parts }: Place,
  { text }: Content,
  handedOver: Promise<Sent>,
): OwnMessage | undefined {
  const { messageIds } = session;
  if (room !== undefined && !messageIds.isForRooms) return undefined;
  const { id, from = '', to: receiver = '', type = 'normal' } = stanza.attributes;
  const isTraced = id !== undefined && can(session, 'receipts');
  return messageIds.add({
    chat: to,
    id,
    stanzaId: undefined,
    networkIds: [],
    isOwn: true,
    nick: room?.nick,
    text: beginningOf(text),
    order: messageIds.nextOrder(),
    handedOver: handedOver.catch(() => undefined),
    sender: from,
    receiver,
    type,
    asksReceipt: isTraced && parts.asksReceipt && room === undefined,
    isMarkable: isTraced && (parts.isMarkable || room !== undefined),
    undelivered: undefined,
  });
}
