/** May begin a name without a colon (Namespaces in XML 1.0 §3, NCName). */
export const NAME_START = 1;
/** May stand in such a name. */
export const NAME = 2;
/** White space; line ends are line feeds by the time that anybody looks. */
export const SPACE = 4;
/** Stands for itself in the text of an element. */
export const PLAIN_TEXT = 8;
/** Stands for itself in the value of an attribute, in either kind of quotes. */
export const PLAIN_VALUE = 16;
/** Stands for itself in a CDATA section. */
export const PLAIN_CDATA = 32;

type Range = readonly [first: number, last: number];

/** XML 1.0 (fifth edition) §2.3, NameStartChar; halves of pairs stand for U+10000 to U+EFFFF. */
const NAME_START_RANGES: readonly Range[] = [
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
  [0xc0, 0xd6],
  [0xd8, 0xf6],
  [0xf8, 0x2ff],
  [0x370, 0x37d],
  [0x37f, 0x1fff],
  [0x200c, 0x200d],
  [0x2070, 0x218f],
  [0x2c00, 0x2fef],
  [0x3001, 0xd7ff],
  [0xd800, 0xdb7f],
  [0xf900, 0xfdcf],
  [0xfdf0, 0xfffd],
];

/** NameChar, beyond those. The second half of a pair never comes without a first. */
const NAME_RANGES: readonly Range[] = [
  [0x2d, 0x2e],
  [0x30, 0x39],
  [0xb7, 0xb7],
  [0x300, 0x36f],
  [0x203f, 0x2040],
  [0xdc00, 0xdfff],
];

/** XML 1.0 §2.2, Char. What is decoded from UTF-8 has no half of a pair alone. */
const CHAR_RANGES: readonly Range[] = [
  [0x09, 0x0a],
  [0x0d, 0x0d],
  [0x20, 0xfffd],
];

/** Characters with a meaning of their own. `>` is one where it may end `]]>`. */
const NOT_PLAIN: Readonly<Record<string, number>> = {
  '<': PLAIN_TEXT | PLAIN_VALUE,
  '&': PLAIN_TEXT | PLAIN_VALUE,
  '>': PLAIN_TEXT | PLAIN_CDATA,
  "'": PLAIN_VALUE,
  '"': PLAIN_VALUE,
  '\t': PLAIN_VALUE,
  '\n': PLAIN_VALUE,
};

/** What each UTF-16 unit may be. */
const CLASSES = new Uint8Array(0x10000);

function mark(ranges: readonly Range[], bits: number): void {
  for (const [first, last] of ranges) {
    for (let code = first; code <= last; code++) CLASSES[code] = classOf(code) | bits;
  }
}

mark(NAME_START_RANGES, NAME_START | NAME);
mark(NAME_RANGES, NAME);
mark(CHAR_RANGES, PLAIN_TEXT | PLAIN_VALUE | PLAIN_CDATA);
for (const character of ' \t\n') mark([[character.charCodeAt(0), character.charCodeAt(0)]], SPACE);
for (const [character, bits] of Object.entries(NOT_PLAIN)) {
  const code = character.charCodeAt(0);
  CLASSES[code] = classOf(code) & ~bits;
}

export function classOf(code: number): number {
  return CLASSES[code] ?? 0;
}

/** Whether a number is that of a character that XML 1.0 allows (§2.2). */
export function isChar(code: number): boolean {
  if (code > 0xffff) return code <= 0x10ffff;
  return (classOf(code) & PLAIN_TEXT) !== 0
    ? code < 0xd800 || code > 0xdfff
    : code === 0x26 || code === 0x3c || code === 0x3e;
}
