import type { Content, MessageId, Outgoing } from '../plugin/index.ts';
import type { UserOutbox } from '../delivery/user-outbox.ts';
import type { Output } from '../session/mailbox.ts';
import { beginningOf } from '../session/message-ids.ts';
import type { OwnMessage } from '../session/message-ids.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import { saidSo } from './chat-states.ts';
import { withRecipients } from './addresses.ts';
import { withFiles } from './files.ts';
import { messageTexts } from './message-texts.ts';
import { reflection } from './muc/reflection.ts';
import { can, refusal, trouble } from './place.ts';
import type { Place } from './place.ts';
import { answerFromUser } from './replies.ts';
import { stylesIn } from './styling.ts';

/** For what has yet to be handed over. */
const NOTHING = Promise.resolve();

/** What the user says, in the way that the network can say it; `undefined` when there is neither text nor file. */
export function contentFromUser(place: Place): Content | undefined {
  const { parts, session } = place;
  const { body = '', subject = '', thread, answers, links } = parts;
  let content: Content = { text: body };
  if (answers !== undefined) content = answerFromUser(place, body);
  if (links.length > 0 || parts.shares.length > 0) content = withFiles(place, content);
  if (subject !== '') content = withSubject(place, content, subject);
  if (content.text === '' && content.files === undefined) return undefined;
  if (thread !== undefined && can(session, 'thread')) content = { ...content, thread };
  if (parts.addresses.length > 0) content = withRecipients(place, content);
  return content.text === '' ? content : withStyles(place, content);
}

function withSubject({ session }: Place, content: Content, subject: string): Content {
  if (content.text === '' && content.files === undefined) return { ...content, text: subject };
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
export function outgoing({ session, stanza, parts }: Place, content: Content): Outgoing {
  const key = newStanzaId();
  session.sent.add(key, stanza);
  const at = new Date(session.domain.now());
  return { key, at, asksReceipt: parts.asksReceipt, attempt: 1, ...content };
}

/**
 * Gives a message to the network. Whatever becomes of it later is told by way of the mailbox: in a room the user's
 * resources get it once it is taken; its sender gets an error otherwise.
 */
export function handOver(place: Place, content: Content): void {
  const { session, to, stanza } = place;
  saidSo(place);
  const { outbox } = session;
  if (outbox !== undefined && place.room === undefined) return store(place, content, outbox);
  const message = outgoing(place, content);
  const sending = session.network().send(to, message);
  const own = remembered(place, content);
  const handedOver = sending.then(
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
  if (own !== undefined) own.handedOver = handedOver;
}

/** As `handOver`, where nothing must get lost: what becomes of it later is told by way of the inbox. */
function store(place: Place, content: Content, outbox: UserOutbox): void {
  const { session, to, stanza, parts } = place;
  if (outbox.isFull) throw trouble(session, 'resource-constraint', 'tooMany');
  if (!session.isHeard) session.heard();
  if (to.kind === 'contact') session.inbox?.accept(to.id);
  const { attempt: _, ...message } = outgoing(place, content);
  session.sent.take(message.key);
  const { from = '', to: receiver = '', id, type = 'normal' } = stanza.attributes;
  const head = { from, to: receiver, id, type };
  const item = { to, message, stanza: head, isMarkable: parts.isMarkable };
  const { stored, handedOver } = outbox.take(item, parts.body ?? '');
  const own = remembered(place, content);
  const known = handedOver.then(
    ({ ids }) => {
      if (own === undefined) return;
      own.undelivered = own.asksReceipt || own.isMarkable ? new Set(ids) : undefined;
      session.messageIds.named(own, { networkIds: ids, stanzaId: undefined });
    },
    () => own === undefined || session.messageIds.forget(own),
  );
  if (own !== undefined) own.handedOver = known;
  stored.then(
    (isNew) => isNew || own === undefined || session.messageIds.forget(own),
    (error: unknown) => {
      session.log.error({ err: error }, 'a message could not be stored');
      if (own !== undefined) session.messageIds.forget(own);
      session.mailbox.post(() =>
        refusal(session, stanza, trouble(session, 'resource-constraint', 'notStored')),
      );
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
    handedOver: NOTHING,
    sender: from,
    receiver,
    type,
    asksReceipt: isTraced && parts.asksReceipt && room === undefined,
    isMarkable: isTraced && (parts.isMarkable || room !== undefined),
    undelivered: undefined,
  });
}
