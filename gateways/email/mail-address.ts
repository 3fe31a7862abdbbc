import { domainToASCII } from 'node:url';
import { contactId } from '../../src/plugin/index.ts';
import type { ContactId } from '../../src/plugin/index.ts';

// RFC 5322 §3.2.3 dot-atom, and RFC 6531 §3.3 letters beyond ASCII; no quoted local parts.
const localPattern =
  /^[a-z0-9!#$&'*+/=?^_`{|}~%\u00a1-\u{10ffff}-]+(\.[a-z0-9!#$&'*+/=?^_`{|}~%\u00a1-\u{10ffff}-]+)*$/u;
const domainPattern =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const unseen = /[\s\p{C}]/u;

/**
 * The one form of a mail address: lower case, as servers fold the local parts of JIDs anyway, and the domain in
 * ASCII, so that look-alike letters are seen for what they are. `undefined` for what is no address that can be
 * written to: quoted local parts, IP addresses, anything with a space or control character.
 */
export function mailAddress(text: string): string | undefined {
  if (text.length > 320 || unseen.test(text)) return undefined;
  const at = text.lastIndexOf('@');
  if (at <= 0) return undefined;
  const local = fold(text.slice(0, at));
  const domain = domainOf(text.slice(at + 1));
  if (domain === undefined || local.includes('@')) return undefined;
  if (!localPattern.test(local) || unseen.test(local) || Buffer.byteLength(local) > 64) {
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

function domainOf(text: string): string | undefined {
  const domain = domainToASCII(text).replace(/\.$/, '');
  // What URLs take for an IP address comes back as one: "127.1", "0x7f.1".
  return domainPattern.test(domain) && !/(^|\.)\d+$/.test(domain) ? domain : undefined;
}

/** The part behind the at sign. */
export const domainPart = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** The part before the at sign. */
export const localPart = (address: string): string => address.slice(0, address.lastIndexOf('@'));
