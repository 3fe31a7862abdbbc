import type { Style, Language } from '../../src/plugin/index.ts';
import { troubleTexts } from './trouble-texts.ts';

/** A text and how parts of it look. */
export interface Formatted {
  readonly text: string;
  readonly styles?: readonly Style[];
}

/** modern.ircdocs.horse/formatting: colours, hex colours, then single codes; last what XML cannot hold. */
const CODES =
  /\u0003(?:\d{1,2}(?:,\d{1,2})?)?|\u0004(?:[0-9a-f]{6}(?:,[0-9a-f]{6})?)?|[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/gi;
const ANY_CODE = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;
const RESET = '\u000f';

type Kind = Style['kind'];

const KIND_OF_CODE: Readonly<Record<string, Kind>> = {
  '\u0002': 'bold',
  '\u001d': 'italic',
  '\u001e': 'strike',
  '\u0011': 'code',
};

export const CODE_OF_KIND: Readonly<Record<Kind, string>> = {
  bold: '\u0002',
  italic: '\u001d',
  strike: '\u001e',
  code: '\u0011',
};

/** The text alone. */
export const stripFormatting = (text: string): string =>
  ANY_CODE.test(text) ? text.replace(CODES, '') : text;

/** For people: words of the server, which may hold anything. */
export const serverSays = (words: string, language: Language): string =>
  troubleTexts(language).serverSays(stripFormatting(words));

/** The text without codes, and what those mean that the core knows. Each code switches on or off. */
export function readFormatting(source: string): Formatted {
  if (!ANY_CODE.test(source)) return { text: source };
  const styles: Style[] = [];
  const open = new Map<Kind, number>();
  const close = (kind: Kind, to: number): void => {
    const from = open.get(kind) ?? to;
    open.delete(kind);
    if (to > from) styles.push({ kind, from, to });
  };
  let text = '';
  let at = 0;
  for (const match of source.matchAll(CODES)) {
    text += source.slice(at, match.index);
    at = match.index + match[0].length;
    const kind = KIND_OF_CODE[match[0]];
    if (match[0] === RESET) for (const one of open.keys()) close(one, text.length);
    else if (kind !== undefined && open.has(kind)) close(kind, text.length);
    else if (kind !== undefined) open.set(kind, text.length);
  }
  text += source.slice(at);
  for (const one of open.keys()) close(one, text.length);
  if (styles.length === 0) return { text };
  return { text, styles: styles.sort((one, two) => one.from - two.from || two.to - one.to) };
}

/** Puts codes where styles begin and end. Lines are styled each for itself: a code does not reach beyond its line. */
export function writeFormatting(text: string, styles: readonly Style[]): string {
  const codes = new Map<number, string>();
  const put = (at: number, code: string): unknown => codes.set(at, (codes.get(at) ?? '') + code);
  for (const { kind, from, to } of styles) {
    let start = from;
    for (const line of text.slice(from, to).split('\n')) {
      const end = start + line.length;
      if (line !== '') {
        put(start, CODE_OF_KIND[kind]);
        put(end, CODE_OF_KIND[kind]);
      }
      start = end + 1;
    }
  }
  let written = '';
  let last = 0;
  for (const [at, code] of [...codes].sort(([one], [two]) => one - two)) {
    written += text.slice(last, at) + code;
    last = at;
  }
  return written + text.slice(last);
}

const SWITCHES = /[\u0002\u001d\u001e\u0011]/g;

/** Pieces of one line, each of which goes on as the one before it ended. */
export function carryOver(pieces: readonly string[]): string[] {
  let open = '';
  return pieces.map((piece) => {
    const whole = open + piece;
    for (const [code] of piece.matchAll(SWITCHES)) {
      open = open.includes(code) ? open.replace(code, '') : open + code;
    }
    return whole;
  });
}

export const isPlain = (text: string): boolean => !ANY_CODE.test(text);

/** The same for lines that are put together again, or are not: each ends what is open at its end, and the next begins it anew. */
export function carryBetween(pieces: readonly string[]): string[] {
  let open = '';
  return pieces.map((piece) => {
    const before = open;
    for (const [code] of piece.matchAll(SWITCHES)) {
      open = open.includes(code) ? open.replace(code, '') : open + code;
    }
    return before + piece + open;
  });
}
