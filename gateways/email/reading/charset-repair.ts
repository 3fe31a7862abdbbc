import { isUtf8 } from 'node:buffer';

const REPLACEMENT = '\ufffd';

/** Whether decoding has lost something that a better guess of the character set might bring back. */
export const isDamaged = (...texts: readonly (string | false | undefined)[]): boolean =>
  texts.some((text) => typeof text === 'string' && text.includes(REPLACEMENT));

/**
 * The same mail, with windows-1252 declared where nothing (or US-ASCII) is, and with headers in UTF-8: what old
 * programs leave unlabelled is nearly always that.
 */
export function withGuessedCharset(raw: Buffer): Buffer {
  const lines: Buffer[] = [];
  let isHeader = true;
  let field: Buffer[] = [];
  const endField = (): void => {
    if (field.length > 0) lines.push(repairField(Buffer.concat(field)));
    field = [];
  };
  let hasType = false;
  const isBare = !/^content-type:/im.test(headOf(raw));
  for (const line of linesOf(raw)) {
    const text = line.toString('latin1');
    const isBlank = text.trim() === '';
    if (!isHeader) {
      lines.push(line);
      if (text.startsWith('--')) isHeader = true;
      continue;
    }
    if (!isBlank && /^[ \t]/.test(text) && field.length > 0) {
      field.push(line);
      continue;
    }
    endField();
    if (isBlank) {
      if (isBare && !hasType) {
        lines.push(Buffer.from('Content-Type: text/plain; charset=windows-1252\r\n'));
        hasType = true;
      }
      lines.push(line);
      isHeader = false;
    } else if (/^[!-9;-~]+:/.test(text)) field.push(line);
    else {
      lines.push(line);
      isHeader = text.startsWith('--');
    }
  }
  endField();
  return Buffer.concat(lines);
}

/** The header block at the beginning. */
export function headOf(raw: Buffer): string {
  const start = raw.subarray(0, 262_144).toString('latin1');
  const end = /\r?\n\r?\n/.exec(start)?.index;
  return end === undefined ? start : start.slice(0, end);
}

function repairField(field: Buffer): Buffer {
  const utf8 = isUtf8(field) ? field : Buffer.from(new TextDecoder('windows-1252').decode(field));
  const text = utf8.toString();
  if (!/^content-type:\s*text\//i.test(text)) return utf8;
  if (!/charset\s*=/i.test(text)) {
    return Buffer.from(
      text.replace(/^(content-type:\s*text\/[^\s;]+)/i, '$1; charset=windows-1252'),
    );
  }
  return Buffer.from(
    text.replace(/(charset\s*=\s*)"?(us-ascii|ascii|ansi_x3\.4-1968)"?/i, '$1windows-1252'),
  );
}

function* linesOf(raw: Buffer): Generator<Buffer> {
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf(0x0a, start);
    const next = end < 0 ? raw.length : end + 1;
    yield raw.subarray(start, next);
    start = next;
  }
}
