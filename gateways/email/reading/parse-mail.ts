import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { ParsedMail, SimpleParserOptions } from 'mailparser';
import { headOf, isDamaged, withGuessedCharset } from './charset-repair.ts';

const PARSING: SimpleParserOptions = {
  // Our own way from HTML to text has limits and leaves out what is hidden.
  skipHtmlToText: true,
  skipTextLinks: true,
  keepCidLinks: true,
  keepDeliveryStatus: true,
  ignoreEmbedded: true,
  checksumAlgo: false,
  maxHeadSize: 262_144,
  maxChildNodes: 500,
};

const PIECE = 262_144;

export interface Parsed {
  readonly mail: ParsedMail;
  /** It is so broken, or so deeply nested, that only its header could be read. */
  readonly isHeaderOnly: boolean;
}

/** Takes a mail (RFC 5322, 2045-2049) apart. Whatever the bytes are, there is an answer. */
export async function parseMail(raw: Buffer): Promise<Parsed> {
  const { simpleParser } = await import('mailparser');
  const head = headOf(raw);
  // Without a single header line, all of it is text.
  const whole = /^[!-9;-~]+:/m.test(head) ? raw : Buffer.concat([Buffer.from('\r\n'), raw]);
  // Plain parts become HTML only where they stand among HTML.
  const isMixed = /^content-type:\s*text\/html/im.test(whole.toString('latin1'));
  const parsing = { ...PARSING, skipTextToHtml: !isMixed || isAlternative(raw) };
  try {
    const mail = await simpleParser(inPieces(whole), parsing);
    const names = mail.attachments.map(({ filename }) => filename);
    const from = mail.from?.text;
    if (!isDamaged(mail.subject, mail.text, mail.html, from, ...names)) {
      return { mail, isHeaderOnly: false };
    }
    const again = await simpleParser(inPieces(withGuessedCharset(whole)), parsing);
    return { mail: again, isHeaderOnly: false };
  } catch {
    // Too many parts, or a header of megabytes: the first lines of it still say from whom it is.
    const simple = Buffer.from(`${simpleHead(head)}\r\n\r\n`, 'latin1');
    const mail = await simpleParser(simple, { ...PARSING, maxHeadSize: 1_048_576 });
    return { mail, isHeaderOnly: true };
  }
}

/** There are two forms of one text, and the plain one will do. */
export const isAlternative = (raw: Buffer): boolean =>
  /^content-type:\s*multipart\/alternative/im.test(raw.subarray(0, 65_536).toString('latin1'));

/** A large mail is parsed in turns with everything else that the process does. */
function inPieces(raw: Buffer): Buffer | Readable {
  return raw.length <= PIECE ? raw : Readable.from(pieces(raw));
}

async function* pieces(raw: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < raw.length; at += PIECE) {
    yield raw.subarray(at, at + PIECE);
    await turn();
  }
}

const telling =
  /^(from|to|cc|sender|reply-to|subject|date|message-id|in-reply-to|references|auto-submitted|precedence|list-id|list-post):/i;

/** Of a header, what is needed to show from whom and about what a mail is. */
function simpleHead(head: string): string {
  const fields = head.split(/\r?\n(?![ \t])/);
  return fields.filter((field) => telling.test(field) && field.length < 10_000).join('\r\n');
}
