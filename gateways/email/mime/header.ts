import { isUtf8 } from 'node:buffer';
import { guessed } from './charset.ts';

/** One field of a header (RFC 5322 §2.2). */
export interface Field {
  /** In lower case. */
  readonly name: string;
  /** Unfolded, as text without control characters; encoded words are still encoded. */
  readonly value: string;
}

export interface Head {
  readonly fields: readonly Field[];
  /** Where the body begins. */
  readonly bodyAt: number;
}

/** A mail of too many parts, or with a header of megabytes. */
export class TooComplex extends Error {}

const MAX_HEAD = 262_144;
const LF = 0x0a;
const CR = 0x0d;

/** The header at the beginning of these bytes. @throws TooComplex */
export function readHead(bytes: Buffer): Head {
  const [end, bodyAt] = endOf(bytes);
  if (end > MAX_HEAD) throw new TooComplex('too long a header');
  const head = bytes.subarray(0, end);
  const isText = isUtf8(head);
  const text = isText ? head.toString() : head.toString('latin1');
  const fields: Field[] = [];
  for (const line of linesOf(text)) {
    const colon = line.indexOf(':');
    const name = colon <= 0 ? '' : line.slice(0, colon).trimEnd();
    if (!fieldName.test(name)) continue;
    // Each field by itself: one in UTF-8 does not suffer from another that is not.
    const value = isText ? line : guessed(Buffer.from(line, 'latin1'));
    const unfolded = value.slice(value.indexOf(':') + 1).replace(/\r?\n[ \t]+/g, ' ');
    fields.push({ name: name.toLowerCase(), value: unfolded.replace(control, '').trim() });
  }
  // Without a single field, all of it is text.
  return { fields, bodyAt: fields.length === 0 && end > 0 ? 0 : bodyAt };
}

/** The value of the first field of this name (lower case). */
export const fieldOf = (fields: readonly Field[], name: string): string | undefined =>
  fields.find((field) => field.name === name)?.value;

const control = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
const fieldName = /^[!-9;-~]+$/;

/** Where the header ends and the body begins: around the first blank line, at the end when there is none. */
function endOf(bytes: Buffer): readonly [number, number] {
  if (bytes[0] === LF) return [0, 1];
  if (bytes[0] === CR && bytes[1] === LF) return [0, 2];
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return [at, at + 2];
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return [at, at + 3];
  }
  return [bytes.length, bytes.length];
}

const linesOf = (text: string): string[] => text.split(/\r?\n(?![ \t])/);
