import { attachmentOf, textOf } from './attachment.ts';
import type { Attachment } from './attachment.ts';
import { decoderWith, guessing, UnknownCharset } from './charset.ts';
import type { Decode } from './charset.ts';
import { unflow } from './flowed.ts';
import { readHead, TooComplex } from './header.ts';
import type { Field } from './header.ts';
import { partOf } from './part.ts';
import type { Part } from './part.ts';
import { enough } from './transfer.ts';
import { decodeWords } from './words.ts';

/** What is behind this is not read: it is in the mailbox. */
const MAX_TEXT = 400_000;

/** A piece of what a mail says, in one of its forms. */
export interface Piece {
  readonly kind: 'plain' | 'html';
  /** The beginning of it. */
  readonly text: string;
  /** All of it. */
  whole(): string;
}

/** Some text, all that there is; or one of several forms of the same, the plainest first. */
export type Said = Piece | { readonly forms: readonly (readonly Said[])[] };

/** A mail taken apart (RFC 5322, RFC 2045-2049). */
export interface Mail {
  readonly fields: readonly Field[];
  readonly said: readonly Said[];
  readonly attachments: readonly Attachment[];
  /** It is so broken, or so deeply nested, that only its header could be read. */
  readonly isHeaderOnly: boolean;
  readonly decode: Decode;
}

/** Whatever the bytes are, there is an answer, and it does not take long: attachments are decoded when they are wanted. */
export async function takeApart(raw: Buffer): Promise<Mail> {
  try {
    return mailOf(raw, decoderWith(undefined));
  } catch (error) {
    if (!(error instanceof UnknownCharset)) throw error;
    const { default: others } = await import('iconv-lite');
    return mailOf(raw, decoderWith(others));
  }
}

function mailOf(raw: Buffer, decode: Decode): Mail {
  const mail = { ...partsOf(raw, decode), decode: guessing(decode) };
  // What is in the header is decoded by whoever needs it: a character set that others may know shows here.
  for (const { value } of mail.fields) decodeWords(value, decode);
  return mail;
}

function partsOf(raw: Buffer, decode: Decode): Omit<Mail, 'decode'> {
  try {
    const root = partOf(raw, decode);
    const attachments: Attachment[] = [];
    const said = saidIn(root, attachments, decode);
    return { fields: root.fields, said, attachments, isHeaderOnly: false };
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    return { fields: tellingFields(raw), said: [], attachments: [], isHeaderOnly: true };
  }
}

function saidIn(part: Part, attachments: Attachment[], decode: Decode): Said[] {
  const { disposition, parts, type } = part;
  if (type.value === 'multipart/alternative') {
    const forms = parts.map((form) => saidIn(form, attachments, decode));
    return [{ forms: forms.filter((form) => form.length > 0) }];
  }
  if (parts.length > 0) return parts.flatMap((one) => saidIn(one, attachments, decode));
  const isHtml = type.value === 'text/html';
  const isText = isHtml || type.value === 'text/plain';
  // Without a boundary, or with one and nothing within.
  if (type.value.startsWith('multipart/') && type.parameters.has('boundary')) return [];
  if (!isText || disposition.value === 'attachment') {
    attachments.push(attachmentOf(part));
    return [];
  }
  const text = textOf(part, enough(MAX_TEXT, part.encoding), decode);
  if (text.trim() === '') return [];
  const whole = (): string => textOf(part, part.body.length, decode);
  return [
    isHtml ? { kind: 'html', text, whole } : { kind: 'plain', text: unflowed(text, part), whole },
  ];
}

function unflowed(text: string, { type: { parameters } }: Part): string {
  const isFlowed = parameters.get('format')?.toLowerCase() === 'flowed';
  return isFlowed ? unflow(text, parameters.get('delsp')?.toLowerCase() === 'yes') : text;
}

const telling =
  /^(from|to|cc|sender|reply-to|subject|date|message-id|in-reply-to|references|auto-submitted|precedence|list-id|list-post)$/;
const MAX_READ = 262_144;
const MAX_FIELD = 10_000;

/** Of the beginning of a header, what is needed to show from whom and about what a mail is. */
function tellingFields(raw: Buffer): Field[] {
  const { fields } = readHead(raw.subarray(0, MAX_READ));
  return fields.filter(({ name, value }) => telling.test(name) && value.length < MAX_FIELD);
}
