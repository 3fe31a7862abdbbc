import type { Content, MessageId, Outgoing, Sent as Taken } from '../plugin/index.ts';
import type { UserOutbox } from '../delivery/user-outbox.ts';
import type { Output } from '../session/mailbox.ts';
import { beginningOf } from '../session/message-ids.ts';
import type { OwnMessage } from '../session/message-ids.ts';
import type { Sent } from '../session/sent-messages.ts';
import type { Room } from '../session/room.ts';
import { TakenMessage } from '../session/taken-message.ts';
import type { Frame } from '../session/taken-message.ts';
import type { UserSession } from '../session/user-session.ts';
import { parseJid } from '../xmpp/jid.ts';
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

/** For what has yet to be handed over, and for what has been. */
const NOTHING = Promise.resolve();
const NO_IDS: readonly MessageId[] = [];

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

/** What is given to the network, under a new key. */
export function outgoing({ session, parts }: Place, content: Content): Outgoing {
  const key = newStanzaId();
  const at = new Date(session.domain.now());
  const { asksReceipt } = parts;
  // Most have nothing but a text; to copy an object costs more than all else here.
  if (isOnlyText(content)) return { key, at, asksReceipt, attempt: 1, text: content.text };
  return { ...content, key, at, asksReceipt, attempt: 1 };
}

function isOnlyText(content: Content): boolean {
  for (const name in content) if (name !== 'text') return false;
  return true;
}

/** What a late refusal by the network, which names the key only, is answered with. */
export function sentAs({ session, stanza }: Place, key: string): Sent {
  const { id, from = '', to: receiver = '', type = 'normal' } = stanza.attributes;
  const at = session.domain.now();
  return { key, id, sender: asShared(from), receiver: asShared(receiver), type, at };
}

/** The same text, which does not hold on to all that came in with it. */
function asShared(jid: string): string {
  const full = parseJid(jid)?.full;
  return full === jid ? full : jid;
}

/**
 * Gives a message to the network. In a room the user's resources get it once it is taken; its sender gets an error
 * otherwise. What the network does not say at once is told by way of the mailbox.
 */
export function handOver(place: Place, content: Content): Output {
  const { session, to } = place;
  saidSo(place);
  const { outbox } = session;
  if (outbox !== undefined && place.room === undefined) return store(place, content, outbox);
  const message = outgoing(place, content);
  const sending = session.network().send(to, message);
  const { room } = place;
  if (room !== undefined && !(sending instanceof Promise) && isFinished(place, sending)) {
    return takenByRoom(place, room, message);
  }
  const own = ownMessage(place, content, message.key);
  session.sent.add(own);
  if (isKnown(place)) session.messageIds.add(own);
  if (!(sending instanceof Promise)) return taken(place, own, sending.ids);
  wait(place, own, sending);
  return undefined;
}

/** Nothing is ever told or asked of the message by what the network calls it. */
function isFinished({ session, parts }: Place, { ids }: Taken): boolean {
  return (
    ids.length === 0 && !parts.isMarkable && !can(session, 'receipts') && !can(session, 'edit')
  );
}

function takenByRoom(place: Place, room: Room, { key, at, text }: Outgoing): Output {
  const { session, stanza } = place;
  const stanzaId = isKnown(place) ? session.domain.store.stanzaIds.next() : undefined;
  const message = new TakenMessage(frameOf(place, room), {
    key,
    id: stanza.attributes['id'],
    stanzaId,
    text: beginningOf(text),
    at: at.getTime(),
    order: session.messageIds.nextOrder(),
  });
  session.sent.add(message);
  if (stanzaId !== undefined) session.messageIds.add(message);
  return reflection(session, room, stanza, { stanzaId });
}

/** The same one for message after message. */
function frameOf({ stanza }: Place, room: Room): Frame {
  const { from = '', to = '', type = 'normal' } = stanza.attributes;
  const { frame, nick } = room;
  if (frame?.sender === from && frame.receiver === to && frame.nick === nick) return frame;
  const parts = { sender: asShared(from), receiver: asShared(to), type, nick };
  return (room.frame = { chat: room.address, ...parts });
}

function wait(place: Place, own: OwnMessage, sending: Promise<Taken>): void {
  const { session, stanza } = place;
  own.handedOver = sending.then(
    ({ ids }) => {
      own.handedOver = NOTHING;
      session.mailbox.post(() => taken(place, own, ids));
    },
    (error: unknown) => {
      own.handedOver = NOTHING;
      session.sent.take(own.key);
      session.messageIds.forget(own);
      session.mailbox.post(() => refusal(session, stanza, error));
    },
  );
}

/** Whether anybody may ask for the message later. */
function isKnown({ room, session }: Place): boolean {
  return room === undefined || session.messageIds.isForRooms;
}

/** The network has a message of the user; what there is to show of it. */
function taken(place: Place, own: OwnMessage, ids: readonly MessageId[]): Output {
  const { session, room, stanza } = place;
  const stanzaId =
    room !== undefined && isKnown(place) ? session.domain.store.stanzaIds.next() : undefined;
  if (isKnown(place)) isNamed(session, own, ids, stanzaId);
  if (room === undefined) return undefined;
  return reflection(session, room, stanza, { stanzaId, networkId: ids[0] });
}

function isNamed(
  { messageIds }: UserSession,
  own: OwnMessage,
  ids: readonly MessageId[],
  stanzaId: string | undefined,
): void {
  own.undelivered = own.asksReceipt || own.isMarkable ? new Set(ids) : undefined;
  messageIds.named(own, { networkIds: ids, stanzaId });
}

/** As `handOver`, where nothing must get lost: what becomes of it later is told by way of the inbox. */
function store(place: Place, content: Content, outbox: UserOutbox): undefined {
  const { session, to, stanza, parts } = place;
  if (outbox.isFull) throw trouble(session, 'resource-constraint', 'tooMany');
  if (!session.isHeard) session.heard();
  if (to.kind === 'contact') session.inbox?.accept(to.id);
  const { attempt: _, ...message } = outgoing(place, content);
  const { from = '', to: receiver = '', id, type = 'normal' } = stanza.attributes;
  const head = { from, to: receiver, id, type };
  const item = { to, message, stanza: head, isMarkable: parts.isMarkable };
  const { stored, handedOver } = outbox.take(item, parts.body ?? '');
  const own = session.messageIds.add(ownMessage(place, content, message.key));
  own.handedOver = handedOver.then(
    ({ ids }) => isNamed(session, own, ids, undefined),
    () => session.messageIds.forget(own),
  );
  stored.then(
    (isNew) => isNew || session.messageIds.forget(own),
    (error: unknown) => {
      session.log.error({ err: error }, 'a message could not be stored');
      session.messageIds.forget(own);
      session.mailbox.post(() =>
        refusal(session, stanza, trouble(session, 'resource-constraint', 'notStored')),
      );
    },
  );
}

/** Each property by itself: an object that is copied into another and then added to is slow to make and to use. */
function ownMessage(place: Place, { text }: Content, key: string): OwnMessage {
  const { session, to, room, stanza, parts } = place;
  const { id, sender, receiver, type, at } = sentAs(place, key);
  const isTraced = stanza.attributes['id'] !== undefined && can(session, 'receipts');
  return {
    key,
    chat: to,
    id,
    stanzaId: undefined,
    networkIds: NO_IDS,
    isOwn: true,
    nick: room?.nick,
    text: beginningOf(text),
    order: session.messageIds.nextOrder(),
    handedOver: NOTHING,
    sender,
    receiver,
    type,
    at,
    asksReceipt: isTraced && parts.asksReceipt && room === undefined,
    isMarkable: isTraced && (parts.isMarkable || room !== undefined),
    undelivered: undefined,
  };
}
