import { idOf, textOf, userOf } from './load.ts';
import type { Load } from './load.ts';
import { nickOf, roomJid, userJid } from './names.ts';

/** What each user has to get, in order. */
class Expected {
  readonly #ofUser = new Map<string, { readonly indexes: number[]; at: number }>();

  constructor(load: Load, keyOf: (user: number) => string) {
    for (let user = 0; user < load.users; user++) {
      this.#ofUser.set(keyOf(user), { indexes: [], at: 0 });
    }
    for (let index = 0; index < load.count; index++) {
      this.#ofUser.get(keyOf(userOf(load, index)))?.indexes.push(index);
    }
  }

  /** @returns the number of the message that is due to the user now */
  next(key: string): number {
    const own = this.#ofUser.get(key);
    const index = own?.indexes[own.at++];
    if (index === undefined) throw new Error(`${key} got a message too many`);
    return index;
  }
}

/** @throws Error unless these stanzas (bytes as characters) are the messages of the load, to and from the right ones */
export function verifyStanzas(load: Load, series: number, received: string): void {
  const text = Buffer.from(received, 'latin1').toString('utf8');
  const room = roomJid(load.channel);
  const expected = new Expected(load, userJid);
  let seen = 0;
  for (const [, attributes = '', content = ''] of text.matchAll(
    /<message( [^>]*)>(.*?)<\/message>/gs,
  )) {
    const value = (name: string): string =>
      unescape(new RegExp(` ${name}=(['"])(.*?)\\1`).exec(attributes)?.[2] ?? '');
    const index = expected.next(value('to'));
    const toIrc = load.direction === 'to IRC';
    const from = toIrc ? nickOf(userOf(load, index)) : 'peer';
    const body = unescape(/<body[^>]*>(.*?)<\/body>/s.exec(content)?.[1] ?? '');
    const isRight =
      body === textOf(index) &&
      value('from') === `${room}/${from}` &&
      value('type') === 'groupchat' &&
      (!toIrc || value('id') === idOf(series, index));
    if (!isRight) throw new Error(`expected "${textOf(index)}", got ${attributes} ${content}`);
    seen++;
  }
  if (seen !== load.count) throw new Error(`${seen} stanzas for ${load.count} messages`);
}

/** As {@link verifyStanzas}, for lines on IRC, each with the nick of the connection before it. */
export function verifyLines(load: Load, lines: readonly string[]): void {
  if (load.direction === 'to XMPP') {
    if (lines.length > 0) throw new Error('lines that nobody sent');
    return;
  }
  const expected = new Expected(load, nickOf);
  for (const bytes of lines) {
    const line = Buffer.from(bytes, 'latin1').toString('utf8');
    const index = expected.next(line.slice(0, line.indexOf(' ')));
    const wanted = `${nickOf(userOf(load, index))} PRIVMSG ${load.channel} :${textOf(index)}`;
    if (line !== wanted) throw new Error(`expected "${wanted}", got "${line}"`);
  }
  if (lines.length !== load.count) {
    throw new Error(`${lines.length} lines for ${load.count} messages`);
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

function unescape(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|\w+);/gi,
    (entity, decimal?: string, hexadecimal?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
      return ENTITIES[entity] ?? entity;
    },
  );
}
