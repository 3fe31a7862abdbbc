import type { Decode } from './charset.ts';
import { decodeWords } from './words.ts';

/** A value with parameters, as Content-Type has them (RFC 2045 §5.1). */
export interface Parameterized {
  /** In lower case. */
  readonly value: string;
  /** By names in lower case; of several with one name the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_PARAMETERS = 100;
const none: ReadonlyMap<string, string> = new Map();
const parameter = /;\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|([^;]*))/gs;

export function parameterized(text: string, decode: Decode): Parameterized {
  const semicolon = text.indexOf(';');
  const value = plain(semicolon < 0 ? text : text.slice(0, semicolon)).toLowerCase();
  if (semicolon < 0) return { value, parameters: none };
  const given = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of text.slice(semicolon).matchAll(parameter)) {
    if (given.size >= MAX_PARAMETERS) break;
    const key = name.toLowerCase();
    const found = quoted === undefined ? plain(bare) : quoted.replace(/\\(.)/gs, '$1');
    if (!given.has(key)) given.set(key, found);
  }
  return { value, parameters: joined(given, decode) };
}

/** Without comments (RFC 5322 §3.2.2), where nothing is quoted. */
const plain = (text: string): string =>
  (text.includes('(') ? text.replace(/(^|\s)\([^()]*\)/g, '$1') : text).trim();

/** RFC 2231 §3-4: parts of a long value put together, and character sets. */
function joined(given: ReadonlyMap<string, string>, decode: Decode): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, text] of given) {
    const star = key.indexOf('*');
    if (star < 0) {
      if (!all.has(key)) all.set(key, decodeWords(text, decode));
      continue;
    }
    const name = key.slice(0, star);
    const isFirst = /^\*(0\*?)?$/.test(key.slice(star));
    // What has the extended form is meant by it, whatever the plain one says.
    if (isFirst) all.set(name, extended(name, given, decode));
  }
  return all;
}

function extended(name: string, given: ReadonlyMap<string, string>, decode: Decode): string {
  const pieces: Buffer[] = [];
  let label: string | undefined;
  const take = (text: string, isFirst: boolean): void => {
    const tagged = isFirst ? /^([^']*)'[^']*'(.*)$/s.exec(text) : null;
    if (tagged?.[1] !== undefined) label = tagged[1];
    pieces.push(percentDecoded(tagged?.[2] ?? text));
  };
  const single = given.get(`${name}*`);
  if (single !== undefined) take(single, true);
  else {
    for (let number = 0; number < MAX_PARAMETERS; number += 1) {
      const encoded = given.get(`${name}*${number}*`);
      const bare = given.get(`${name}*${number}`);
      if (encoded !== undefined) take(encoded, number === 0);
      else if (bare !== undefined) pieces.push(Buffer.from(bare));
      else break;
    }
  }
  const text = decode(Buffer.concat(pieces), label);
  return label === undefined ? decodeWords(text, decode) : text;
}

const percentDecoded = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(/((?:%[0-9a-f]{2})+)/i)
      .map((run, index) =>
        index % 2 === 0 ? Buffer.from(run) : Buffer.from(run.replaceAll('%', ''), 'hex'),
      ),
  );
