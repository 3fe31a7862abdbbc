import { nameprep, nodeprep, resourceprep } from './stringprep.ts';

/** A Jabber address (RFC 6122), prepared for comparison: two are the same if their `full` is. */
export interface Jid {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly bare: string;
  readonly full: string;
}

const MAX_PART_BYTES = 1_023;
const CACHE_SIZE = 20_000;
const LABEL = /^[\p{L}\p{N}\p{M}_](?:[\p{L}\p{N}\p{M}_-]{0,61}[\p{L}\p{N}\p{M}_])?$/u;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;

/** The latest JIDs by their text: most stanzas come from and go to few. It changes nothing but speed. */
const cache = new Map<string, Jid | undefined>();

/** Reads a JID. @returns `undefined` when it is malformed. */
export function parseJid(text: string): Jid | undefined {
  const known = cache.get(text);
  if (known !== undefined || cache.has(text)) return known;
  const jid = readJid(text);
  if (cache.size >= CACHE_SIZE) cache.clear();
  if (text.length <= MAX_PART_BYTES) cache.set(text === jid?.full ? jid.full : ownText(text), jid);
  return jid;
}

/** Whether an address is at a domain as that is written, to the letter; it may be malformed otherwise. */
export function isAt(domain: string, text: string): boolean {
  const slash = text.indexOf('/');
  const end = slash < 0 ? text.length : slash;
  const start = end - domain.length;
  return text.startsWith(domain, start) && (start === 0 || text[start - 1] === '@');
}

/** The same without its resource. */
export function bareOf(jid: Jid): Jid {
  return jid.resource === undefined ? jid : { ...jid, resource: undefined, full: jid.bare };
}

function readJid(text: string): Jid | undefined {
  const slash = text.indexOf('/');
  const bareText = slash < 0 ? text : text.slice(0, slash);
  const at = bareText.indexOf('@');
  const local = at < 0 ? undefined : prepare(bareText.slice(0, at), nodeprep);
  const resource = slash < 0 ? undefined : prepare(text.slice(slash + 1), resourceprep);
  if ((at >= 0 && local === undefined) || (slash >= 0 && resource === undefined)) return undefined;
  const domain = readDomain(bareText.slice(at + 1));
  if (domain === undefined) return undefined;
  return makeJid(local, domain, resource);
}

/** Its parts are parts of one text, and that of nothing else. */
function makeJid(local: string | undefined, domain: string, resource: string | undefined): Jid {
  const bareText = local === undefined ? domain : `${local}@${domain}`;
  const full = ownText(resource === undefined ? bareText : `${bareText}/${resource}`);
  const bare = resource === undefined ? full : full.slice(0, bareText.length);
  return {
    local: local === undefined ? undefined : bare.slice(0, local.length),
    domain: bare.slice(bareText.length - domain.length),
    resource: resource === undefined ? undefined : full.slice(bareText.length + 1),
    bare,
    full,
  };
}

/** The same, but not as a piece of a longer text: for V8 a piece keeps all of the text in memory, here that of many stanzas. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}

function prepare(text: string, profile: (text: string) => string | undefined): string | undefined {
  const prepared = profile(text);
  if (prepared === undefined || prepared === '') return undefined;
  return isTooLong(prepared) ? undefined : prepared;
}

function readDomain(text: string): string | undefined {
  const lower = text.toLowerCase();
  if (IPV6.test(lower)) return lower;
  const name = nameprep(text.replaceAll(/[\u3002\uff0e\uff61]/gu, '.'))?.replace(/\.$/, '');
  if (name === undefined || name === '' || isTooLong(name)) return undefined;
  return name.split('.').every((label) => LABEL.test(label)) ? name : undefined;
}

function isTooLong(text: string): boolean {
  return text.length > MAX_PART_BYTES / 3 && Buffer.byteLength(text) > MAX_PART_BYTES;
}
