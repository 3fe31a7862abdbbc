import { hash } from 'node:crypto';
import type { File, Style } from '../../../src/plugin/index.ts';
import { contactOf, mailAddress } from '../mail-address.ts';
import { mailboxesIn } from '../mime/addresses.ts';
import type { Mailbox } from '../mime/addresses.ts';
import type { Attachment } from '../mime/attachment.ts';
import { fieldOf } from '../mime/header.ts';
import { takeApart } from '../mime/mail.ts';
import type { Mail, Piece, Said } from '../mime/mail.ts';
import { decodeWords } from '../mime/words.ts';
import type { Texts } from '../texts.ts';
import { automaticOf } from './automatic.ts';
import type { Header } from './automatic.ts';
import { fileName } from './file-name.ts';
import { textOfHtml } from './html-text.ts';
import { mailingListOf, unsubscribeOf } from './mailing-list.ts';
import type { Person, Reading } from './reading.ts';
import { guessReport, messageIdIn, readReport } from './report.ts';
import type { Report } from './report.ts';
import { specialParts, withoutArmour } from './special-parts.ts';
import { trimParts } from './trim.ts';

const MAX_TEXT = 60_000;
/** What is behind this is in the mailbox, and nowhere else. */
const MAX_READ = 200_000;
const MAX_PEOPLE = 100;
const MAX_DATE = 200;
const MAX_REPORT = 65_536;
const NOBODY = contactOf('unknown@sender.invalid');

/** Reads a mail as a message of a chat. Never fails: what cannot be read is said in words. */
export async function readMail(raw: Buffer, texts: Texts): Promise<Reading> {
  const mail = await takeApart(raw);
  const { decode, isHeaderOnly } = mail;
  const header: Header = { get: (name) => fieldOf(mail.fields, name) };
  const sender = senderOf(mail, header);
  const subject = oneLine(decodeWords(header.get('subject') ?? '', decode));
  const special = specialParts(mail.attachments, texts);
  const body = await bodyOf(mail, texts);
  const isForward = /^\s*(fwd?|wg|tr|rv|fw)\s*:/i.test(subject);
  const trimmed = trimParts(partsOf(body), { isForward });
  const isShort = trimmed.text.length <= MAX_TEXT;
  const text = isShort ? trimmed.text : `${shorten(trimmed.text)}\n${texts.cutOff}`;
  const above = [
    ...(sender.isUnclear ? [texts.unclearSender(oneLine(header.get('from') ?? ''))] : []),
    ...(isHeaderOnly ? [texts.unreadable] : []),
    ...special.notices,
    ...(body.notice === undefined ? [] : [body.notice]),
  ];
  const report = reportOf(mail, header, sender.person.contact);
  const list = mailingListOf(header);
  const replyTo = peopleIn(mail, 'reply-to')[0];
  const unsubscribe = unsubscribeOf(header);
  const at = dateOf(header);
  const whole = isHeaderOnly
    ? [
        fileOf(
          'message.eml',
          'message/rfc822',
          onePiece(() => raw),
        ),
      ]
    : [];
  const files = [...filesOf(mail, special.dropped), ...body.files, ...whole];
  const shown = joined(above, text, { subject, hasFiles: files.length > 0, texts });
  return {
    id: idOf(header, raw),
    writtenAt: header.get('date') ?? subject,
    from: sender.person,
    isFromUnclear: sender.isUnclear,
    ...(replyTo === undefined ? {} : { replyTo }),
    to: peopleIn(mail, 'to'),
    cc: peopleIn(mail, 'cc'),
    subject,
    text: shown,
    styles: shiftedStyles(body.styles, { shown, text }),
    ...(trimmed.isTrimmed || !isShort ? { fullText: body.text } : {}),
    files,
    references: referencesOf(header),
    ...(at === undefined ? {} : { at }),
    automatic: automaticOf(header, sender.person.contact),
    ...(list === undefined ? {} : { list }),
    ...(unsubscribe === undefined ? {} : { unsubscribe }),
    ...(report === undefined ? {} : { report }),
    hops: mail.fields.filter(({ name }) => name === 'received').length,
  };
}

export const oneLine = (text: string): string =>
  text
    .replace(/[\p{C}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 1_000);

/** The text as it is shown, and what goes beside it. */
interface Body {
  readonly text: string;
  /** What it is made of, when there are several texts one after the other. */
  readonly parts?: readonly string[];
  readonly styles: readonly Style[];
  readonly notice?: string;
  readonly files: readonly File[];
}

const partsOf = ({ parts, text }: Body): readonly string[] => parts ?? [text];

const stubs =
  /^(this (is a )?(multi-?part|mime|html).{0,80}|(your|this) (e-?mail )?(client|reader|program).{0,60}(html|display).{0,80}|to view this (e-?mail|message).{0,80}|diese (e-?mail|nachricht).{0,40}html.{0,60})\.?$/is;

/** Plain text where there is any that says something; else what the HTML says. */
async function bodyOf(mail: Mail, texts: Texts): Promise<Body> {
  const pieces = mail.said.flatMap((one) => chosen(one));
  const isPlain = pieces.every(({ kind }) => kind === 'plain');
  if (isPlain) return plainBody(pieces, texts);
  const bodies: Body[] = [];
  for (const piece of pieces) bodies.push(await bodyOfPiece(piece, texts));
  return bodies.reduce((one, other) => together(one, other));
}

function plainBody(pieces: readonly Piece[], texts: Texts): Body {
  let left = MAX_READ;
  const said = pieces.map(({ text: given }) => {
    const part = clean(given.slice(0, left));
    left = Math.max(0, left - part.length);
    return withoutArmour(part, texts);
  });
  const parts = said.map(({ text }) => text);
  const notice = said.find((one) => one.notice !== undefined)?.notice;
  return {
    text: parts.join('\n'),
    parts,
    styles: [],
    files: [],
    ...(notice === undefined ? {} : { notice }),
  };
}

/** Of several forms of the same, the plainest that is one. */
function chosen(said: Said): readonly Piece[] {
  if (!('forms' in said)) return [said];
  const forms = said.forms.map((form) => form.flatMap((one) => chosen(one)));
  const plain = forms.find((form) => form.every(({ kind }) => kind === 'plain'));
  const words =
    plain
      ?.map(({ text }) => text)
      .join('')
      .trim()
      .slice(0, 500) ?? '';
  const others = forms.filter((form) => form !== plain);
  return plain !== undefined && (others.length === 0 || !stubs.test(words))
    ? plain
    : (others.at(-1) ?? []);
}

async function bodyOfPiece(piece: Piece, texts: Texts): Promise<Body> {
  const { kind, text: given } = piece;
  if (kind === 'plain') return { text: clean(given.slice(0, MAX_READ)), styles: [], files: [] };
  const file = (): File =>
    fileOf(
      'message.html',
      'text/html',
      onePiece(() => Buffer.from(piece.whole())),
    );
  try {
    const { text, styles, isCut } = await textOfHtml(given);
    const isLost = isCut || (text.replace(/[….\s]/g, '') === '' && given.length > 5_000);
    const notice = isLost ? { notice: texts.htmlAttached } : {};
    return {
      text: clean(text),
      styles: isLost ? [] : styles,
      files: isLost ? [file()] : [],
      ...notice,
    };
  } catch {
    return { text: '', styles: [], files: [file()], notice: texts.htmlAttached };
  }
}

function together(one: Body, other: Body): Body {
  const before = one.text === '' || other.text === '' ? one.text : `${one.text.trimEnd()}\n\n`;
  const notice = one.notice ?? other.notice;
  const moved = other.styles.map((style) => ({
    ...style,
    from: style.from + before.length,
    to: style.to + before.length,
  }));
  return {
    text: before + other.text,
    styles: [...one.styles, ...moved],
    files: [...one.files, ...other.files],
    ...(notice === undefined ? {} : { notice }),
  };
}

/** Without what XML 1.0 cannot carry, and with one kind of line end. */
const clean = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/\p{Cs}/gu, '');

function shorten(text: string): string {
  const cut = text.slice(0, MAX_TEXT);
  return cut.slice(0, Math.max(cut.lastIndexOf('\n'), MAX_TEXT - 1_000)).replace(/\p{Cs}/gu, '');
}

function joined(
  above: readonly string[],
  text: string,
  { subject, hasFiles, texts }: { subject: string; hasFiles: boolean; texts: Texts },
): string {
  const notes = above.map((line) => `[${line}]`).join('\n');
  if (text.trim() !== '') return notes === '' ? text : `${notes}\n${text}`;
  if (notes !== '') return notes;
  if (hasFiles) return '';
  return subject === '' ? `[${texts.emptyMail}]` : subject;
}

function shiftedStyles(
  styles: readonly Style[],
  { shown, text }: { readonly shown: string; readonly text: string },
): Style[] {
  if (!shown.endsWith(text)) return [];
  const by = shown.length - text.length;
  return styles
    .filter(({ to }) => to <= text.length)
    .map((style) => ({ ...style, from: style.from + by, to: style.to + by }));
}

function peopleIn({ decode, fields }: Mail, name: string): Person[] {
  const given = fields.filter((field) => field.name === name);
  const people = given.flatMap(({ value }) => mailboxesIn(value, decode));
  return people.slice(0, MAX_PEOPLE).flatMap((mailbox) => personOf(mailbox) ?? []);
}

function personOf({ address: given, name: called }: Mailbox): Person | undefined {
  const address = mailAddress(given);
  if (address === undefined) return undefined;
  const name = oneLine(called).slice(0, 200);
  const isTelling = name !== '' && name.toLowerCase() !== address;
  return { contact: contactOf(address), ...(isTelling ? { name } : {}) };
}

/** The author; where there are several or none that can be written to, whoever sent it (RFC 5322 §3.6.2). */
function senderOf(mail: Mail, header: Header): { person: Person; isUnclear: boolean } {
  const [author] = peopleIn(mail, 'from');
  if (author !== undefined) return { person: author, isUnclear: false };
  for (const name of ['sender', 'reply-to', 'return-path']) {
    const bracketed = /<([^<>]+)>/.exec(header.get(name) ?? '')?.[1];
    const address = mailAddress(bracketed ?? header.get(name) ?? '');
    if (address !== undefined) {
      return { person: { contact: contactOf(address) }, isUnclear: true };
    }
  }
  return { person: { contact: NOBODY }, isUnclear: true };
}

function idOf(header: Header, raw: Buffer): string {
  const field = header.get('message-id') ?? '';
  const given = (/<([^<>]+)>/.exec(field)?.[1] ?? field).replace(/[<>\s\p{C}]/gu, '');
  if (given !== '' && given.length <= 500) return given;
  const digest = hash('sha256', raw, 'hex').slice(0, 32);
  return `${digest}@no-message-id.invalid`;
}

const idsIn = (text: string): string[] =>
  [...text.matchAll(/<([^<>\s]{1,500})>/g)].map((match) => match[1] ?? '');

function referencesOf(header: Header): string[] {
  const references = header.get('references') ?? '';
  const answered = header.get('in-reply-to') ?? '';
  // Outlook replaces Message-IDs, and says here what they were.
  const original = header.get('x-microsoft-original-message-id') ?? '';
  const all = [...idsIn(references), ...idsIn(original), ...idsIn(answered).slice(0, 1)];
  return all.filter((id, index) => all.lastIndexOf(id) === index).slice(-30);
}

function dateOf(header: Header): Date | undefined {
  const given = (header.get('date') ?? '').slice(0, MAX_DATE);
  const time = Date.parse(given.replace(/\s*\([^)]*\)\s*$/, ''));
  // Before there was mail, or tomorrow: a clock that is wrong.
  const isSane = time > Date.UTC(1980, 0, 1) && time < Date.now() + 3_600_000;
  return isSane ? new Date(time) : undefined;
}

function fileOf(name: string, type: string, pieces: () => Iterator<Uint8Array>): File {
  // Decoded when it is wanted, piece by piece.
  const open = (): ReadableStream<Uint8Array> => {
    const all = pieces();
    return new ReadableStream({
      pull: (controller) => {
        const next = all.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    });
  };
  return { name, type, open: () => Promise.resolve(open()) };
}

const onePiece = (content: () => Buffer) => (): Iterator<Uint8Array> =>
  [content()][Symbol.iterator]();

const inReports =
  /^(message\/((global-)?delivery-status|(global-)?disposition-notification)|text\/rfc822-headers|message\/(rfc822|global|global-headers))$/;

function filesOf({ attachments }: Mail, dropped: ReadonlySet<Attachment>): File[] {
  const isReport = attachments.some(({ type }) =>
    /(delivery-status|disposition-notification)$/.test(type),
  );
  return attachments
    .filter((part) => !dropped.has(part) && !(isReport && inReports.test(part.type)))
    .map((part) => fileOf(fileName(part.name, part.type), part.type, () => part.pieces()));
}

function reportOf(mail: Mail, header: Header, from: string): Report | undefined {
  const parts = mail.attachments;
  const status = parts.find(({ type }) => type.endsWith('delivery-status'));
  const returned = parts.find(({ type }) =>
    /^(message\/(rfc822|global|global-headers)|text\/rfc822-headers)$/.test(type),
  );
  const headerText =
    returned && clean(returned.content().subarray(0, MAX_REPORT).toString('latin1'));
  if (status !== undefined) {
    return readReport(clean(status.content().subarray(0, MAX_REPORT).toString()), headerText);
  }
  const failed = header.get('x-failed-recipients');
  if (failed === undefined && !from.startsWith('mailer-daemon@')) return undefined;
  const plain = mail.said.flatMap((one) => chosen(one)).map(({ text }) => text);
  const text = headerText ?? clean(plain.join('\n'));
  return messageIdIn(text) === undefined ? undefined : guessReport(failed, text);
}
