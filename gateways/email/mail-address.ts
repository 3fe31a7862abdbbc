import { domainToASCII } from 'node:url';
import { contactId } from '../../src/plugin/index.ts';
import type { ContactId } from '../../src/plugin/index.ts';

// RFC 5322 §3.2.3 dot-atom, and RFC 6531 §3.3 letters beyond ASCII.
const localPattern =
  /^[a-z0-9!#$&'*+/=?^_`{|}~%\u00a1-\u{10ffff}-]+(\.[a-z0-9!#$&'*+/=?^_`{|}~%\u00a1-\u{10ffff}-]+)*$/u;
const domainPattern =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** RFC 5321 §4.1.2 Quoted-string. */
const quotedPattern = /^"((?:[^"\\]|\\.)+)"$/u;
const unseen = /[\s\p{C}]/u;
/** COMPAT(nodemailer): it writes a space in place of an angle bracket, which is the address of somebody else. */
const beyondQuotes = /[<>]|[^\S ]|\p{C}/u;

/**
 * The one form of a mail address: lower case, as servers fold the local parts of JIDs anyway, and the domain in
 * ASCII, so that look-alike letters are seen for what they are; quotes only around a local part that needs them.
 * `undefined` for what is no address that can be written to: IP addresses, anything with a control character, an angle
 * bracket or an unquoted space.
 */
export function mailAddress(text: string): string | undefined {
  if (text.length > 320) return undefined;
  const at = text.lastIndexOf('@');
  if (at <= 0) return undefined;
  const local = localOf(fold(text.slice(0, at)));
  const domain = domainOf(text.slice(at + 1));
  if (domain === undefined || local === undefined || Buffer.byteLength(local) > 64) {
    return undefined;
  }
  const address = `${local}@${domain}`;
  return Buffer.byteLength(address) <= 254 ? address : undefined;
}

export const contactOf = (address: string): ContactId => contactId(address);

/** Folded until nothing changes any more, so that the id of an address is its own id. */
function fold(text: string): string {
  const once = text.normalize('NFKC').toLowerCase().normalize('NFKC');
  return once === text ? text : once.toLowerCase() === once ? once : fold(once);
}

const isPlain = (local: string): boolean => localPattern.test(local) && !unseen.test(local);

/** The two ways to write the same are one. */
function localOf(text: string): string | undefined {
  const quoted = quotedPattern.exec(text)?.[1]?.replace(/\\(.)/gu, '$1');
  if (quoted === undefined) return isPlain(text) ? text : undefined;
  if (isPlain(quoted)) return quoted;
  return beyondQuotes.test(quoted) ? undefined : `"${quoted.replace(/["\\]/g, '\\$&')}"`;
}

function domainOf(text: string): string | undefined {
  if (unseen.test(text)) return undefined;
  const domain = domainToASCII(text).replace(/\.$/, '');
  // What URLs take for an IP address comes back as one: "127.1", "0x7f.1".
  return domainPattern.test(domain) && !/(^|\.)\d+$/.test(domain) ? domain : undefined;
}

/** The part behind the at sign. */
export const domainPart = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** The part before the at sign. */
export const localPart = (address: string): string => address.slice(0, address.lastIndexOf('@'));
