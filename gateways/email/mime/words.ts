import type { Decode } from './charset.ts';
import { decodeQ } from './transfer.ts';

const encodedWord = /=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=/gi;

/**
 * Text with encoded words in it (RFC 2047 §5-6.2). Those of one character set that follow each other are decoded together, as
 * some programs break them in the midst of a character.
 */
export function decodeWords(text: string, decode: Decode): string {
  if (!text.includes('=?')) return text;
  const pieces: string[] = [];
  let open: { readonly label: string; readonly bytes: Buffer[] } | undefined;
  let end = 0;
  const close = (): void => {
    if (open !== undefined) pieces.push(decode(Buffer.concat(open.bytes), open.label));
    open = undefined;
  };
  for (const match of text.matchAll(encodedWord)) {
    const [whole, charset = '', encoding = '', content = ''] = match;
    const between = text.slice(end, match.index);
    // RFC 2231 §5: "utf-8*en" names a language, too.
    const label = charset.replace(/\*.*$/, '').toLowerCase();
    const isNext = end > 0 && between.trim() === '';
    if (!isNext || open?.label !== label) close();
    if (!isNext) pieces.push(between);
    open ??= { label, bytes: [] };
    open.bytes.push(
      encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : decodeQ(content),
    );
    end = match.index + whole.length;
  }
  close();
  pieces.push(text.slice(end));
  return pieces.join('');
}
