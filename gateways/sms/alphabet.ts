/** 3GPP TS 23.038 §6.2.1, in order; `\u001b` leads to the second table. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** §6.2.1.1: each takes two septets. */
const EXTENSION: Readonly<Record<string, number>> = {
  '\f': 0x0a,
  '^': 0x14,
  '{': 0x28,
  '}': 0x29,
  '\\': 0x2f,
  '[': 0x3c,
  '~': 0x3d,
  ']': 0x3e,
  '|': 0x40,
  '€': 0x65,
};

const ESCAPE = 0x1b;
const SEPTETS = new Map<string, readonly number[]>([
  ...Array.from(BASIC).flatMap((character, code): [string, number[]][] =>
    code === ESCAPE ? [] : [[character, [code]]],
  ),
  ...Object.entries(EXTENSION).map(([character, code]): [string, number[]] => [
    character,
    [ESCAPE, code],
  ]),
]);
const BY_CODE = new Map(Array.from(BASIC).map((character, code) => [code, character]));
const BY_EXTENSION = new Map(
  Object.entries(EXTENSION).map(([character, code]) => [code, character]),
);

/** The septets of a character in the default alphabet of GSM; `undefined` when it has none. */
export const septetsOf = (character: string): readonly number[] | undefined =>
  SEPTETS.get(character);

export function isGsm7(text: string): boolean {
  for (const character of text) if (!SEPTETS.has(character)) return false;
  return true;
}

/** One septet a byte, as SMPP and most gateways carry it. Characters without one are left out. */
export function encodeGsm7(text: string): Uint8Array {
  return Uint8Array.from(Array.from(text).flatMap((character) => SEPTETS.get(character) ?? []));
}

export function decodeGsm7(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes[index] ?? 0;
    if (code !== ESCAPE) {
      text += BY_CODE.get(code & 0x7f) ?? '';
      continue;
    }
    index += 1;
    // A second character that the table has not is shown as the first table has it (§6.2.1.1).
    const next = bytes[index] ?? 0x20;
    text += BY_EXTENSION.get(next) ?? BY_CODE.get(next) ?? ' ';
  }
  return text;
}

/** Signs that word processors put in the place of plain ones, and that make a text cost twice as much. */
const PLAIN: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': ',',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '…': '...',
  '\u00a0': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
  '\u200b': '',
  '•': '-',
  '\t': ' ',
};

/** The text with plain signs in the place of typographic ones, when that makes it fit the default alphabet; else as it was. */
export function smartEncoded(text: string): string {
  if (isGsm7(text)) return text;
  const plain = Array.from(text, (character) => PLAIN[character] ?? character).join('');
  return isGsm7(plain) ? plain : text;
}
