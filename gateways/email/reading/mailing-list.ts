import type { ContactId } from '../../../src/plugin/index.ts';
import { listContact } from '../address.ts';
import { contactOf, mailAddress } from '../mail-address.ts';
import type { Header } from './automatic.ts';

/** A mailing list that a mail came through: a contact of its own. */
export interface MailingList {
  readonly contact: ContactId;
  readonly name: string;
  /** People talk there: there is an address to write to. What is not discussion is a newsletter. */
  readonly isDiscussion: boolean;
}

/** Where one can leave a list or newsletter (RFC 2369 §3.2, RFC 8058). */
export interface Unsubscribe {
  readonly mail?: string;
  readonly subject?: string;
  readonly url?: string;
  /** The URL takes a POST, no person has to look at it. */
  readonly isOneClick: boolean;
}

/** RFC 2919, RFC 2369 §3.4 */
export function mailingListOf(header: Header): MailingList | undefined {
  const given = header.get('list-id');
  if (given === undefined) return undefined;
  const id = /<([^<>\s]+)>/.exec(given)?.[1] ?? given.trim();
  const post = mailtoIn(header.get('list-post'));
  const contact = post === undefined ? listContact(id) : contactOf(post.mail);
  if (contact === undefined) return undefined;
  const phrase = given.replace(/<[^<>]*>/, '').replace(/^[\s"]+|[\s"]+$/g, '');
  const name = phrase.replace(/\p{C}/gu, '').slice(0, 100);
  return { contact, name: name === '' ? id : name, isDiscussion: post !== undefined };
}

export function unsubscribeOf(header: Header): Unsubscribe | undefined {
  const given = header.get('list-unsubscribe');
  if (given === undefined) return undefined;
  const mail = mailtoIn(given);
  const url = /<(https:\/\/[^<>\s]+)>/i.exec(given)?.[1];
  if (mail === undefined && url === undefined) return undefined;
  return {
    ...mail,
    ...(url === undefined ? {} : { url }),
    isOneClick: /one-click/i.test(header.get('list-unsubscribe-post') ?? ''),
  };
}

function mailtoIn(text: string | undefined): { mail: string; subject?: string } | undefined {
  const match = /<mailto:([^<>?\s]+)(?:\?([^<>\s]*))?>/i.exec(text ?? '');
  if (match?.[1] === undefined) return undefined;
  const mail = mailAddress(unescaped(match[1]));
  if (mail === undefined) return undefined;
  const subject = /(?:^|&)subject=([^&]*)/i.exec(match[2] ?? '')?.[1];
  return { mail, ...(subject === undefined ? {} : { subject: unescaped(subject) }) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text).replace(/\p{C}/gu, ' ');
  } catch {
    return '';
  }
}
