import type { ContactId, File, Style } from '../../../src/plugin/index.ts';
import type { Automatic } from './automatic.ts';
import type { MailingList, Unsubscribe } from './mailing-list.ts';
import type { Report } from './report.ts';

/** Somebody in the header of a mail. */
export interface Person {
  readonly contact: ContactId;
  readonly name?: string;
}

/** A mail as it was understood. */
export interface Reading {
  /** The Message-ID without brackets; where there is none, one made of the content. */
  readonly id: string;
  /** Tells it from others that were given the same Message-ID: the field Date, and the subject where there is none. */
  readonly writtenAt: string;
  readonly from: Person;
  /** Whoever wrote it could not be made out as an address: the text says what stood there. */
  readonly isFromUnclear: boolean;
  /** Where answers go (Reply-To), when not to the sender. */
  readonly replyTo?: Person;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  /** One line; empty when there is none. */
  readonly subject: string;
  /** Without quotation and signature, where these were sure to be such. */
  readonly text: string;
  readonly styles: readonly Style[];
  /** All of the text, when something of it was left out. */
  readonly fullText?: string;
  readonly files: readonly File[];
  /** The Message-IDs of the mails before it in its thread, the oldest first, the one it answers last. */
  readonly references: readonly string[];
  readonly at?: Date;
  readonly automatic: Automatic;
  readonly list?: MailingList;
  readonly unsubscribe?: Unsubscribe;
  readonly report?: Report;
  /** How many servers it went through (RFC 5321 §6.3). */
  readonly hops: number;
}
