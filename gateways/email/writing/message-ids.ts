import { hash } from 'node:crypto';
import { domainPart } from '../mail-address.ts';

const MARK = 'causeway.';

/**
 * The Message-ID of a mail of ours (RFC 5322 §3.6.4), made of the message's key: every try to send it has the same, so
 * that whoever gets it twice can tell.
 */
export function messageIdFor(key: string, from: string): string {
  const digest = hash('sha256', `${from}\0${key}`, 'hex');
  return `${MARK}${digest.slice(0, 32)}@${domainPart(from)}`;
}

/** Whether it was made by {@link messageIdFor}. */
export const isOurs = (id: string): boolean => id.startsWith(MARK);

/** What tells a mail from others in an envelope id (RFC 3461 §4.4) or return path. */
export const shortId = (messageId: string): string => hash('sha256', messageId, 'hex').slice(0, 24);

/** The name of a thread: that of its first mail, in a form that says nothing to others. */
export const threadOf = (root: string): string =>
  hash('sha256', `thread\0${root}`, 'hex').slice(0, 32);

/** A mail that came without a Message-ID has one of ours, which nobody else knows. */
export const isGiven = (id: string): boolean => !id.endsWith('@no-message-id.invalid');
