import { isAscii, isUtf8 } from 'node:buffer';

/** Bytes as text, by the name of a character set as mails have it. */
export type Decode = (bytes: Uint8Array, label: string | undefined) => string;

/** Decodes what Node does not. */
export interface OtherCharsets {
  encodingExists(label: string): boolean;
  decode(bytes: Uint8Array, label: string): string;
}

/** A mail has a character set that Node does not know: others may. */
export class UnknownCharset extends Error {}

/** What says nothing: most of it is UTF-8, and what old programs leave unlabelled is nearly always windows-1252. */
const unlabelled = /^(|us-?ascii|ascii|ansi_x3\.4-1968|8bit|unknown(-8bit)?|x-unknown|default)$/;
/** Letters that a filter before us has not seen (RFC 2152): not decoded on purpose. */
const refused = /^(x-)?(unicode-?1-?1-?)?utf-?7(-imap)?$/;

/** @param others once they are loaded; without them, {@link UnknownCharset} is thrown when they are needed */
export function decoderWith(others: OtherCharsets | undefined): Decode {
  return (bytes, given) => {
    const label = given?.trim().toLowerCase() ?? '';
    if (/^utf-?8$/.test(label)) return utf8(bytes);
    if (unlabelled.test(label) || refused.test(label)) return guessed(bytes);
    if (western.test(label)) return windows1252(bytes);
    const decoded = decodedByNode(bytes, aliases[label] ?? label);
    if (decoded !== undefined) return decoded;
    if (others === undefined) throw new UnknownCharset(label);
    return others.encodingExists(label) ? others.decode(bytes, label) : guessed(bytes);
  };
}

/** Never throws: what it does not know is taken for what it looks like. */
export function guessing(decode: Decode): Decode {
  return (bytes, label) => {
    try {
      return decode(bytes, label);
    } catch (error) {
      if (error instanceof UnknownCharset) return guessed(bytes);
      throw error;
    }
  };
}

const HEAD_BYTES = 2_048;

/** What a page itself says of its character set. Not that it is UTF-16, as it could not be read then; nor what is UTF-8 all the same. */
export function charsetInHtml(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, HEAD_BYTES).toString('latin1');
  const label = /<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w-]{1,60})/i.exec(head)?.[1];
  const isOther = label !== undefined && !/^utf-?(8|16)/i.test(label);
  return isOther && (isAscii(bytes) || !isUtf8(bytes)) ? label : undefined;
}

/** Text of which nobody says how it is written. */
export const guessed = (bytes: Uint8Array): string =>
  isUtf8(bytes) ? utf8(bytes) : windows1252(bytes);

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function utf8(bytes: Uint8Array): string {
  const text = bufferOf(bytes)
    .toString()
    .replace(/^\ufeff/, '');
  // Not one letter beyond ASCII was any: it is called UTF-8, and is not.
  const isOther = text.includes('\ufffd') && nothingRead.test(text) && !isUtf8(bytes);
  return isOther ? windows1252(bytes) : text;
}

const nothingRead = /^[\u0000-\u007f\ufffd]*$/;

/** What is called Latin-1 has these letters, too, where that has control characters. */
const western = /^(x-)?(windows-?1252|cp-?1252|iso[-_]?8859-?1|iso_8859-1:1987|latin-?1|l1)$/;
const from80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** COMPAT(Node 20): its own decoder for this takes 0x80-0x9f for control characters. */
const windows1252 = (bytes: Uint8Array): string =>
  bufferOf(bytes)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (sign) => from80[sign.charCodeAt(0) - 0x80] ?? sign);

const aliases: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  'tis-620': 'windows-874',
};

function decodedByNode(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
