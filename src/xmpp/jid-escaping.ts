/** XEP-0106 §3.2. */
const ESCAPES: readonly (readonly [string, string])[] = [
  [' ', '20'],
  ['"', '22'],
  ['&', '26'],
  ["'", '27'],
  ['/', '2f'],
  [':', '3a'],
  ['<', '3c'],
  ['>', '3e'],
  ['@', '40'],
  ['\\', '5c'],
];
const CODE_OF = new Map(ESCAPES);
const CHARACTER_OF = new Map(ESCAPES.map(([character, code]) => [code, character]));

/** A backslash is only escaped where it would be read as an escape (§4.2). */
const ESCAPABLE = /[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/g;
/** Nearly all texts: nothing in them is escaped. */
const PLAIN = /^[!#-%(-.0-9;=?A-[\]-~]+$/;
const ESCAPED = /\\(20|22|26|27|2f|3a|3c|3e|40|5c)/g;

/**
 * Text as local part of a JID.
 * @returns `undefined` for text that begins or ends with a space, which no local part can stand for (§3.2)
 */
export function escapeLocal(text: string): string | undefined {
  if (PLAIN.test(text)) return text;
  if (text.startsWith(' ') || text.endsWith(' ')) return undefined;
  return text.replace(ESCAPABLE, (character) => `\\${CODE_OF.get(character) ?? ''}`);
}

/** The text behind a local part. Unknown escapes, and `\20` at either end, stay as they are. */
export function unescapeLocal(local: string): string {
  if (!local.includes('\\')) return local;
  return local.replace(ESCAPED, (escape, code: string, offset: number) => {
    const isAtEnd = offset === 0 || offset + escape.length === local.length;
    return code === '20' && isAtEnd ? escape : (CHARACTER_OF.get(code) ?? escape);
  });
}
