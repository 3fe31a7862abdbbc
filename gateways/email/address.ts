import { contactId } from '../../src/plugin/index.ts';
import type { Address, AddressBook, ContactId } from '../../src/plugin/index.ts';
import { contactOf, mailAddress } from './mail-address.ts';
import { texts } from './texts.ts';

const LIST = 'list:';
const listPattern = /^[a-z0-9]([a-z0-9._+=~-]{0,250}[a-z0-9])?$/;

/** A mailing list that takes no mail is known by its List-Id alone (RFC 2919). */
export function listContact(id: string): ContactId | undefined {
  const folded = id.toLowerCase();
  return listPattern.test(folded) ? contactId(`${LIST}${folded}`) : undefined;
}

/** The mailbox that a contact is; `undefined` for a list that takes no mail. */
export const mailboxOf = (id: ContactId): string | undefined =>
  id.startsWith(LIST) ? undefined : id;

/** Addresses of people and lists: "user@host", in a JID "user\40host@…"; "user%host" is understood, too. */
export const addressBook: AddressBook = {
  prompt: (language) => texts(language).prompt,
  description: (language) => texts(language).promptDescription,
  parse,
  typed: parseTyped,
  format: (address) => address.id,
};

function parse(text: string): Address | undefined {
  if (text.toLowerCase().startsWith(LIST)) {
    const list = listContact(text.slice(LIST.length));
    return list === undefined ? undefined : { kind: 'contact', id: list };
  }
  const address = mailAddress(text.includes('@') ? text : withAt(text));
  return address === undefined ? undefined : { kind: 'contact', id: contactOf(address) };
}

/** The last percent sign stands for the at sign, as in gateways of old. */
function withAt(text: string): string {
  const at = text.lastIndexOf('%');
  return at < 0 ? '' : `${text.slice(0, at)}@${text.slice(at + 1)}`;
}

/** A URL (RFC 6068), or a name with the address in angle brackets. */
function parseTyped(text: string): Address | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 1_023 || /[\u0000-\u001f]/.test(trimmed)) return undefined;
  const url = /^mailto:([^?]+)/i.exec(trimmed)?.[1];
  if (url !== undefined) return parse(decoded(url));
  const bracketed = /^[^<>]*<([^<>]+)>$/.exec(trimmed)?.[1];
  return parse(bracketed ?? trimmed);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
