import { cleanName } from './names.ts';

/** Tags of a message (IRCv3 message-tags), unescaped. */
export type Tags = ReadonlyMap<string, string>;

/** One line from a server, parsed once. */
export interface IrcMessage {
  readonly tags: Tags;
  /** Who it comes from, as it stood: "nick!user@host", or the name of a server. */
  readonly prefix: string;
  /** The prefix up to the user name. */
  readonly nick: string;
  /** In upper case. */
  readonly command: string;
  readonly params: readonly string[];
}

export const NO_TAGS: Tags = new Map();

const SPACE = 0x20;
const COLON = 0x3a;
const AT = 0x40;
const SEMICOLON = ';';

const NUL = '\0';

/**
 * RFC 2812 §2.3.1, which allows no NUL, and IRCv3 message-tags; `undefined` when there is no command in the line.
 */
export function parseLine(source: string): IrcMessage | undefined {
  const line = source.includes(NUL) ? source.replaceAll(NUL, '') : source;
  let tags = NO_TAGS;
  let prefix = '';
  let at = 0;
  if (line.charCodeAt(0) === AT) {
    const end = line.indexOf(' ');
    if (end < 0) return undefined;
    tags = parseTags(line.slice(1, end));
    at = skipSpaces(line, end);
  }
  if (line.charCodeAt(at) === COLON) {
    const end = line.indexOf(' ', at);
    if (end < 0) return undefined;
    prefix = line.slice(at + 1, end);
    at = skipSpaces(line, end);
  }
  let end = line.indexOf(' ', at);
  if (end < 0) end = line.length;
  if (end === at) return undefined;
  const command = line.slice(at, end).toUpperCase();
  return { tags, prefix, nick: nickOf(prefix), command, params: parseParams(line, end) };
}

/** What stands behind the nick of a prefix, as in "user@host"; empty for a server. */
export function maskOf({ prefix, nick }: IrcMessage): string {
  return prefix.slice(nick.length + 1);
}

function parseParams(line: string, from: number): string[] {
  const params: string[] = [];
  let at = skipSpaces(line, from);
  while (at < line.length) {
    if (line.charCodeAt(at) === COLON) {
      params.push(line.slice(at + 1));
      break;
    }
    let end = line.indexOf(' ', at);
    if (end < 0) end = line.length;
    params.push(line.slice(at, end));
    at = skipSpaces(line, end);
  }
  return params;
}

function skipSpaces(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === SPACE) at += 1;
  return at;
}

function nickOf(prefix: string): string {
  let end = prefix.indexOf('!');
  if (end < 0) end = prefix.indexOf('@');
  const nick = end < 0 ? prefix : prefix.slice(0, end);
  return cleanName(nick);
}

function parseTags(text: string): Tags {
  const tags = new Map<string, string>();
  for (const tag of text.split(SEMICOLON)) {
    const equals = tag.indexOf('=');
    if (equals < 0) tags.set(tag, '');
    else tags.set(tag.slice(0, equals), unescapeTag(tag.slice(equals + 1)));
  }
  return tags;
}

const ESCAPED: Readonly<Record<string, string>> = { ':': ';', s: ' ', r: '\r', n: '\n' };

/** IRCv3 message-tags, "Escaping values". */
function unescapeTag(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\(.?)/gs, (_, escaped: string) => ESCAPED[escaped] ?? escaped);
}

const ESCAPES: Readonly<Record<string, string>> = {
  ';': '\\:',
  ' ': '\\s',
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
};

/** "@a=b;c " for the start of a line; empty without tags. */
export function formatTags(tags: Readonly<Record<string, string>>): string {
  const texts = Object.entries(tags).map(([name, value]) =>
    value === '' ? name : `${name}=${escapeTag(value)}`,
  );
  return texts.length === 0 ? '' : `@${texts.join(SEMICOLON)} `;
}

const escapeTag = (value: string): string =>
  value.replaceAll('\0', '').replace(/[; \\\r\n]/g, (character) => ESCAPES[character] ?? '');
