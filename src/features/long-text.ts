/** So much text fits into a stanza whatever it is made of: XML takes at most five bytes for a code unit. */
export const SHORT = 8_000;
/** Servers close the stream, or the session of the user, over stanzas that are much larger than this with what is around. */
const MAX_BYTES = 50_000;

/** The parts of a text that fit into one stanza each. Cut between paragraphs, lines or words where that is possible. */
export function splitBody(text: string): string[] {
  if (text.length <= SHORT) return [text];
  const parts: string[] = [];
  let rest = text;
  for (let end = reach(rest); end < rest.length; end = reach(rest)) {
    const cut = cutBefore(rest, end);
    parts.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** How much of a text fits, in code units; no pair is torn apart. */
function reach(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length;) {
    const code = text.codePointAt(index) ?? 0;
    bytes += weight(code);
    if (bytes > MAX_BYTES) return index;
    index += code > 0xffff ? 2 : 1;
  }
  return text.length;
}

/** Escaped, in UTF-8. */
function weight(code: number): number {
  if (code < 0x80) return /[\r&<>"']/.test(String.fromCharCode(code)) ? 6 : 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}

function cutBefore(text: string, end: number): number {
  const least = end / 2;
  for (const edge of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(edge, end - 1);
    if (at > least) return at + edge.length;
  }
  return end;
}
