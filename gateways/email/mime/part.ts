import type { Decode } from './charset.ts';
import { fieldOf, readHead, TooComplex } from './header.ts';
import type { Field } from './header.ts';
import { parameterized } from './parameters.ts';
import type { Parameterized } from './parameters.ts';

const MAX_PARTS = 500;
const MAX_DEPTH = 40;

/** A part of a mail (RFC 2045 §2.4), or all of it. What it holds is a view of the bytes of the mail, still encoded. */
export interface Part {
  readonly fields: readonly Field[];
  readonly type: Parameterized;
  readonly disposition: Parameterized;
  /** In lower case: "base64" */
  readonly encoding: string;
  readonly body: Buffer;
  /** What it is made of, when it is a multipart. */
  readonly parts: readonly Part[];
}

/** Takes a mail apart (RFC 2046 §5.1). @throws TooComplex */
export function partOf(raw: Buffer, decode: Decode): Part {
  let count = 0;
  const read = (bytes: Buffer, depth: number, usual: string): Part => {
    count += 1;
    if (count > MAX_PARTS || depth > MAX_DEPTH) throw new TooComplex('too many parts');
    const { bodyAt, fields } = readHead(bytes);
    const type = typeOf(fields, decode, usual);
    const boundary = type.parameters.get('boundary') ?? '';
    const isMultipart = type.value.startsWith('multipart/') && boundary !== '';
    const body = bytes.subarray(bodyAt);
    const pieces = isMultipart ? split(body, boundary) : undefined;
    const within = type.value === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    return {
      fields,
      // What names a boundary that is nowhere is text, so that none of it is lost.
      type: isMultipart && pieces === undefined ? { ...type, value: 'text/plain' } : type,
      disposition: parameterized(fieldOf(fields, 'content-disposition') ?? '', decode),
      encoding: encodingOf(fields),
      body,
      parts: (pieces ?? []).map((piece) => read(piece, depth + 1, within)),
    };
  };
  return read(raw, 0, 'text/plain');
}

function typeOf(fields: readonly Field[], decode: Decode, usual: string): Parameterized {
  const type = parameterized(fieldOf(fields, 'content-type') ?? '', decode);
  // RFC 2045 §5.2: "text" alone, or nothing, is plain text.
  return type.value.includes('/') ? type : { ...type, value: usual };
}

const encodingOf = (fields: readonly Field[]): string => {
  const given = fieldOf(fields, 'content-transfer-encoding') ?? '';
  return /base64|quoted-printable/i.exec(given)?.[0].toLowerCase() ?? '';
};

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

/** What stands between the lines of a boundary; what is not closed goes on to the end. `undefined` without any such line. */
function split(body: Buffer, boundary: string): Buffer[] | undefined {
  const mark = Buffer.from(`--${boundary}`);
  const pieces: Buffer[] = [];
  let start: number | undefined;
  let isFound = false;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) {
    if (at > 0 && body[at - 1] !== LF) continue;
    const line = delimiter(body, at + mark.length);
    if (line === undefined) continue;
    isFound = true;
    if (start !== undefined)
      pieces.push(body.subarray(start, Math.max(start, endBefore(body, at))));
    start = line.isLast ? undefined : line.next;
    // More than will be read is not looked for.
    if (line.isLast || pieces.length > MAX_PARTS) return pieces;
    at = line.next - 2;
  }
  if (start !== undefined) pieces.push(body.subarray(start));
  return isFound ? pieces : undefined;
}

/** The rest of a line that begins with the boundary: "--" or nothing, and blanks. */
function delimiter(
  body: Buffer,
  from: number,
): { readonly isLast: boolean; readonly next: number } | undefined {
  const isLast = body[from] === DASH && body[from + 1] === DASH;
  let at = isLast ? from + 2 : from;
  while (body[at] === 0x20 || body[at] === 0x09) at += 1;
  if (at >= body.length) return { isLast, next: body.length };
  if (body[at] === CR && body[at + 1] === LF) return { isLast, next: at + 2 };
  return body[at] === LF ? { isLast, next: at + 1 } : undefined;
}

/** The line end before a boundary belongs to it. */
function endBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== LF) return at;
  return body[at - 2] === CR ? at - 2 : at - 1;
}
