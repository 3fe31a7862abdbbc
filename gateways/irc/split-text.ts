/** All but the codes of formatting that have no numbers behind them. */
const CONTROLS = /[\u0000\u0001\u0003-\u0008\u000b-\u0010\u0012-\u001c\u001f\u007f]/g;

/** Splits a message into lines that fit, each at most so many bytes of UTF-8. Empty lines are left out. */
export function splitText(text: string, limitBytes: number): string[] {
  const pieces: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const clean = line.replace(CONTROLS, '');
    if (clean !== '') splitLine(clean, limitBytes, pieces);
  }
  return pieces;
}

/** Splits one line into pieces that give it again when they are put together. An empty line is one piece. */
export function splitWhole(line: string, limitBytes: number): string[] {
  const pieces: string[] = [];
  let rest = line.replace(CONTROLS, '');
  while (Buffer.byteLength(rest) > limitBytes) {
    const cut = findCut(rest, limitBytes - 1);
    const end = rest[cut] === ' ' ? cut + 1 : cut;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return rest === '' && pieces.length > 0 ? pieces : [...pieces, rest];
}

function splitLine(line: string, limitBytes: number, pieces: string[]): void {
  let rest = line;
  while (rest !== '' && Buffer.byteLength(rest) > limitBytes) {
    const end = findCut(rest, limitBytes);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end);
  }
  if (rest !== '') pieces.push(rest);
}

/** Where to cut: at a space when one is in the last third, else between characters as people see them. */
function findCut(text: string, limitBytes: number): number {
  let bytes = 0;
  let at = 0;
  let space = 0;
  let border = 0;
  let previous = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x20 && bytes * 3 >= limitBytes * 2) space = at;
    if (!isContinuation(code, previous)) border = at;
    bytes += byteLength(code);
    if (bytes > limitBytes) break;
    at += character.length;
    previous = code;
  }
  if (space > 0) return space;
  // Marks without end are no reason to make tiny pieces.
  if (border > at / 2) return border;
  return at > 0 ? at : (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

const joiner = 0x200d;

/** Marks, variation selectors, skin tones and what is joined belong to the character before them. */
function isContinuation(code: number, previous: number): boolean {
  if (code < 0x300) return false;
  if (code === joiner || previous === joiner) return true;
  return (code >= 0x1f3fb && code <= 0x1f3ff) || /^\p{M}$/u.test(String.fromCodePoint(code));
}

function byteLength(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
