export const NICK_LENGTH = 30;
export const CHANNEL_LENGTH = 64;
export const LINE_BYTES = 512;

export interface IrcLine {
  readonly command: string;
  readonly params: readonly string[];
}

/** The server's text is one character per byte (latin1), so that bytes that are not UTF-8 pass unharmed. */
export function toWire(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function fromWire(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** CASEMAPPING=rfc1459: {}|^ are the lower case of []\~. */
export function foldCase(name: string): string {
  return name
    .replace(/[A-Z[\\\]]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32))
    .replaceAll('~', '^');
}

/** RFC 2812 §2.3.1. */
export function isNick(nick: string): boolean {
  return nick.length <= NICK_LENGTH && /^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]*$/.test(nick);
}

export function isChannelName(name: string): boolean {
  const hasLength = name.length > 1 && name.length <= CHANNEL_LENGTH;
  return hasLength && ![' ', ',', '\x07'].some((sign) => name.includes(sign));
}

/** Masks with * and ?, as in bans. Goes back to the last * only, so that no mask takes for ever. */
export function matchesMask(mask: string, text: string): boolean {
  const [pattern, subject] = [foldCase(mask), foldCase(text)];
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let index = 0; index < subject.length;) {
    if (pattern[at] === '*') {
      star = at++;
      starAt = index;
    } else if (pattern[at] === '?' || pattern[at] === subject[index]) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      starAt += 1;
      index = starAt;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** "nick" means "nick!*@*" and "user@host" means "*!user@host". */
export function completeMask(text: string): string {
  const mask = text.replace(/ .*$/, '');
  if (mask.includes('!')) return mask.includes('@') ? mask : `${mask}@*`;
  return mask.includes('@') ? `*!${mask}` : `${mask}!*@*`;
}

/** RFC 2812 §2.3.1, without tags. The prefix that a client may send is not believed. */
export function parseLine(line: string): IrcLine | undefined {
  const text = line.replace(/^:[^ ]* */, '').replace(/^ +/, '');
  const trailingAt = text.indexOf(' :');
  const words = (trailingAt === -1 ? text : text.slice(0, trailingAt)).split(' ').filter(Boolean);
  const [command, ...params] = words;
  if (command === undefined) return undefined;
  if (trailingAt !== -1) params.push(text.slice(trailingAt + 2));
  return { command: command.toUpperCase(), params };
}

/** Splits off the tags, which have a limit of their own: the rest is what the 512 bytes are about. */
export function withoutTags(line: string): string {
  return line.startsWith('@') ? line.replace(/^[^ ]* */, '') : line;
}
