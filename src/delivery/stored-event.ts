import { hash } from 'node:crypto';
import { messageId, NetworkError } from '../plugin/index.ts';
import type {
  Event,
  FailedEvent,
  MessageEvent,
  MessageId,
  NetworkErrorKind,
  ReactionEvent,
  ReceiptEvent,
  RetractedEvent,
} from '../plugin/index.ts';
import { addressOf, chatOf } from './chat-name.ts';
import type { FileNote } from './files.ts';

/** A message of the user that was given up. */
export interface UndeliveredEvent {
  readonly kind: 'undelivered';
  readonly to: FailedEvent['to'];
  readonly key: string;
  /** `expired` when it was tried for too long, `defect` when a gateway failed in a way that it must not. */
  readonly reason: NetworkErrorKind | 'expired' | 'defect';
  /** For the user; empty where the reason says it all. */
  readonly text: string;
  /** Some of several recipients, when it reached the others. */
  readonly refused?: readonly { readonly contact: string; readonly text: string }[];
}

/** A message whose files are with us. */
export type KeptMessage = Omit<MessageEvent, 'files'> & { readonly files?: readonly FileNote[] };

/** What a network tells that must not get lost on the way to the user. */
export type StoredEvent =
  KeptMessage | ReceiptEvent | FailedEvent | RetractedEvent | ReactionEvent | UndeliveredEvent;

/** An event of the border that is stored, before its files are. */
export type StorableEvent =
  MessageEvent | ReceiptEvent | FailedEvent | RetractedEvent | ReactionEvent;

const KINDS: ReadonlySet<string> = new Set([
  'message',
  'receipt',
  'failed',
  'retracted',
  'reaction',
]);

/** Rooms are live everywhere: what happens in them is told to those who are there. */
export function isStorable(event: Event): event is StorableEvent {
  if (!KINDS.has(event.kind)) return false;
  if ('chat' in event) return event.chat.kind !== 'room';
  if (event.kind === 'receipt' || event.kind === 'failed') return event.to.kind !== 'room';
  return true;
}

/** What the inbox knows an event by. */
export interface EventName {
  readonly chat: string;
  readonly name: string;
  /** Where the same may be said again in another way. */
  readonly digest: string;
}

/** @param unnamed stands for an id that the network does not give */
export function nameOfEvent(event: StoredEvent, unnamed: string): EventName {
  switch (event.kind) {
    case 'message':
      return {
        chat: chatOf({ kind: 'contact', id: event.from }),
        name: messageName(event.id ?? messageId(unnamed)),
        digest: '',
      };
    case 'receipt':
      return { chat: chatOf(event.to), name: receiptName(event.id, event.state), digest: '' };
    case 'failed': {
      // One for each of several recipients: they differ in what they say.
      const about = hash('sha256', event.error.message, 'base64url').slice(0, 12);
      return { chat: chatOf(event.to), name: `failed ${event.key} ${about}`, digest: '' };
    }
    case 'undelivered':
      return { chat: chatOf(event.to), name: `undelivered ${event.key}`, digest: '' };
    case 'retracted':
      return { chat: chatOf(event.chat), name: `retracted ${event.id}`, digest: '' };
    case 'reaction': {
      const digest = hash('sha256', event.emoji.join('\n'), 'base64url');
      return { chat: chatOf(event.chat), name: `reaction ${event.id} ${event.nick ?? ''}`, digest };
    }
  }
}

export const messageName = (id: string): string => `message ${id}`;
export const receiptName = (id: string, state: ReceiptEvent['state']): string =>
  `receipt ${id} ${state}`;

/** The inbox keeps text. */
export function encodeEvent(event: StoredEvent): string {
  switch (event.kind) {
    case 'message':
      return JSON.stringify({ ...event, at: event.at?.getTime() });
    case 'receipt':
    case 'undelivered':
      return JSON.stringify({ ...event, to: chatOf(event.to) });
    case 'failed':
      return JSON.stringify({
        ...event,
        to: chatOf(event.to),
        error: { kind: event.error.kind, text: event.error.message },
      });
    case 'retracted':
    case 'reaction':
      return JSON.stringify({ ...event, chat: chatOf(event.chat) });
  }
}

type Kept =
  | (Omit<KeptMessage, 'at'> & { readonly at?: number })
  | (Omit<ReceiptEvent, 'to'> & { readonly to: string })
  | (Omit<UndeliveredEvent, 'to'> & { readonly to: string })
  | (Omit<FailedEvent, 'to' | 'error'> & {
      readonly to: string;
      readonly error: { readonly kind: NetworkErrorKind; readonly text: string };
    })
  | (Omit<RetractedEvent, 'chat'> & { readonly chat: string })
  | (Omit<ReactionEvent, 'chat'> & { readonly chat: string });

/** @param text was written by {@link encodeEvent}, and came through the encryption unchanged */
export function decodeEvent(text: string): StoredEvent {
  const kept = JSON.parse(text) as Kept;
  switch (kept.kind) {
    case 'message': {
      const { at, ...rest } = kept;
      return at === undefined ? rest : { ...rest, at: new Date(at) };
    }
    case 'receipt':
    case 'undelivered':
      return { ...kept, to: addressOf(kept.to) };
    case 'failed':
      return {
        ...kept,
        to: addressOf(kept.to),
        error: new NetworkError(kept.error.kind, kept.error.text),
      };
    case 'retracted':
    case 'reaction':
      return { ...kept, chat: addressOf(kept.chat) };
  }
}

/** What later messages may refer to. */
export interface HeardMessage {
  /** Absent when the network gave none. */
  readonly id?: MessageId;
  readonly nick?: string;
  readonly text: string;
  readonly isOwn: boolean;
  readonly replaces?: string;
}

/** The message that a kept event is, as later ones refer to it. */
export function decodeHeard(content: string): HeardMessage | undefined {
  const event = decodeEvent(content);
  if (event.kind !== 'message') return undefined;
  const { id, nick, text, isOwn = false, replaces } = event;
  return {
    text: beginning(text),
    isOwn,
    ...(id === undefined ? {} : { id }),
    ...(nick === undefined ? {} : { nick }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

const BEGINNING = 200;

export function beginning(text: string): string {
  if (text.length <= BEGINNING) return text;
  return `${Array.from(text.slice(0, BEGINNING)).slice(0, -1).join('')}…`;
}
