import { contactId, networkId, roomId } from '../../src/plugin/index.ts';
import type { Address, AddressBook, Language } from '../../src/plugin/index.ts';
import { isChannel, isHostName, isMask, isNick } from './names.ts';
import type { ServerNames } from './servers.ts';
import { signInTexts } from './sign-in-texts.ts';

/** A nick or channel, and the server it is on. */
export interface Place {
  readonly name: string;
  readonly server: string;
}

const CACHE_SIZE = 5_000;
/** The latest by id: each message asks for its place again. */
const places = new Map<string, Place>();

/** Splits an id of this gateway; the server stands behind the last percent sign. */
export function placeOf(id: string): Place {
  const known = places.get(id);
  if (known !== undefined) return known;
  const at = id.lastIndexOf('%');
  const place =
    at < 0 ? { name: '', server: id } : { name: id.slice(0, at), server: id.slice(at + 1) };
  if (places.size >= CACHE_SIZE) places.clear();
  places.set(id, place);
  return place;
}

/** Lower case, as the local part of a JID will be anyway. */
export const idText = (name: string, server: string): string =>
  `${name.toLowerCase()}%${server.toLowerCase()}`;

/** Addresses as Biboumi has them: "#channel%server", "nick%server", "server". */
export function createAddressBook(presets: readonly string[], nameOf: ServerNames): AddressBook {
  const known = new Set(presets);
  const isServer = (text: string): boolean =>
    known.has(text) || (text.includes('.') && isHostName(text));
  const parse = (text: string): Address | undefined => parseText(text, isServer);
  return {
    prompt: (language) => signInTexts(language).prompt,
    description: (language) => describe(presets, language),
    parse,
    // Whatever of its names people type, they find a server by the one that we call it by.
    typed: (text) => parseTyped(text.trim(), presets, (found) => parse(calledByOne(found, nameOf))),
    format: (address) => address.id,
    title: (room) => {
      const { name, server } = placeOf(room);
      return `${name} (${server})`;
    },
  };
}

function parseText(text: string, isServer: (text: string) => boolean): Address | undefined {
  const { name, server } = placeOf(text.toLowerCase());
  if (!isServer(server)) return undefined;
  if (!text.includes('%')) return { kind: 'network', id: networkId(server) };
  const id = idText(name, server);
  if (isChannel(name)) return { kind: 'room', id: roomId(id) };
  return isNick(name) || isMask(name) ? { kind: 'contact', id: contactId(id) } : undefined;
}

function calledByOne(text: string, nameOf: ServerNames): string {
  const at = text.lastIndexOf('%') + 1;
  return text.slice(0, at) + nameOf(text.slice(at).toLowerCase());
}

function describe(presets: readonly string[], language: Language): string {
  const { description, known } = signInTexts(language);
  return presets.length === 0 ? description : `${description} ${known(presets.join(', '))}`;
}

type Reader = (text: string, presets: readonly string[]) => string | undefined;

const readers: readonly Reader[] = [readUrl, readWords, readAt, readAlone];

function parseTyped(
  text: string,
  presets: readonly string[],
  parse: (text: string) => Address | undefined,
): Address | undefined {
  if (/[\u0000-\u001f]/.test(text)) return undefined;
  for (const read of readers) {
    const found = read(text, presets);
    const address = found === undefined ? undefined : parse(found);
    if (address !== undefined) return address;
  }
  return parse(text);
}

/** draft-butcher-irc-url-04: irc://server/channel, irc://server/nick,isnick */
function readUrl(text: string): string | undefined {
  const match = /^ircs?:\/\/([^/:]+)(?::\d+)?(?:\/([^?]*))?(?:\?.*)?$/i.exec(text);
  if (match === null) return undefined;
  const [target = '', ...flags] = decode(match[2] ?? '').split(',');
  if (target === '') return match[1];
  const isPlain = flags.some((flag) => /^is(nick|user)$/i.test(flag)) || /^[#&+!]/.test(target);
  return `${isPlain ? target : `#${target}`}%${match[1]}`;
}

function decode(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
}

/** "nick on server", "#channel at server" */
function readWords(text: string): string | undefined {
  const match = /^(\S+)\s+(?:on|at)\s+(\S+)$/i.exec(text);
  return match === null ? undefined : `${match[1]}%${match[2]}`;
}

function readAt(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  if (at <= 0 || text.includes('%')) return undefined;
  return `${text.slice(0, at)}%${text.slice(at + 1)}`;
}

/** A bare nick or channel, where there is but one server that can be meant. */
function readAlone(text: string, presets: readonly string[]): string | undefined {
  const [only] = presets;
  if (presets.length !== 1 || only === undefined || /[%\s.]/.test(text)) return undefined;
  return text.toLowerCase() === only ? undefined : `${text}%${only}`;
}
