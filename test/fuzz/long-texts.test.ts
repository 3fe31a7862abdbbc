import { describe, test } from 'node:test';
import { setImmediate as breath } from 'node:timers/promises';
import { compose } from '../../gateways/irc/compose.ts';
import { readFormatting, writeFormatting } from '../../gateways/irc/formatting.ts';
import { parseLine } from '../../gateways/irc/irc-message.ts';
import { readMail } from '../../gateways/email/reading/read-mail.ts';
import { texts } from '../../gateways/email/texts.ts';
import { splitSubject, topic } from '../../gateways/email/writing/subject.ts';
import { segmented } from '../../gateways/sms/segments.ts';
import { readAnswer } from '../../src/features/bot/question.ts';
import { plainWord } from '../../src/features/bot/words.ts';
import { splitBody } from '../../src/features/long-text.ts';
import { stylesIn, withDirectives } from '../../src/features/styling.ts';
import { cleanName } from '../../src/media/file-name.ts';
import { checkAnswers } from '../../src/session/answers.ts';
import { parseJid } from '../../src/xmpp/jid.ts';

/*
 * What takes a hundred times as long for a text that is ten times as long stops everybody, once somebody writes a long one. A text of
 * the same thing again and again is what shows it: each of these takes milliseconds, and would take seconds, or minutes.
 */
const LENGTH = 100_000;
const MAIL_LENGTH = 60_000;
const TOO_LONG_MS = 30_000;

const UNITS: readonly string[] = [
  ['a', '1', ' ', '\t', '\n', '\r\n', '\u00a0', '\u0301', '🙂', '🇩', '👩‍👩‍👧', '. '],
  ['.', '!', ',', ';', ':', '@', '*', '_', '~', '`', '**', '*a ', '*a* ', '*_'],
  ['```\n', '> ', '>', '>\n', '> *a\n', ' 1', '\n1', '\n\n', ' \n', '\\', '\\20'],
  ['"', "'", '(', ')', '()', '<', '>', '<a@b>', 'a@b,', '=?', '?=', '=', '-', '--'],
  ['[1]', 're: '],
].flat();
const IN_MAILS: readonly string[] = [
  [';a=b', ';a*0=b', '%e2', '=?utf-8?q?a?=', '<b>', '<div>', '<p>a', '<br>'],
  ['<table><tr><td>a', '<blockquote>a', '&nbsp;', '&amp;', '&#', '<!--', '<style>'],
  ['http://a ', 'On a wrote:\n', '-- \n', '____\n', 'From: a\n'],
  ['-----Original Message-----\n', '-----BEGIN PGP MESSAGE-----\n', '\u200b'],
].flat();

const lines = { name: 'lines', label: 'Lines', kind: 'lines' } as const;
const choices = { name: 'choices', label: 'Choices', kind: 'choices', options: [] } as const;
const frame = {
  target: '#a',
  isChannel: true,
  sourceBytes: 60,
  lineBytes: 512,
  hasReplyTag: false,
};

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'styles of messages': stylesIn,
  'styles for messages': (text) =>
    withDirectives(text, [{ kind: 'bold', from: 3, to: text.length - 3 }]),
  'lines for IRC': (text) => compose({ text, styles: stylesIn(text) }, frame),
  'lines from IRC': parseLine,
  'formatting from IRC': readFormatting,
  'formatting for IRC': (text) => writeFormatting(text, stylesIn(text)),
  'names of files': (text) => cleanName(text),
  'words for the bot': plainWord,
  'choices for the bot': (text) => readAnswer(choices, text, 'en'),
  'answers in lines': (text) =>
    checkAnswers({ instructions: '', fields: [lines] }, new Map([['lines', [text]]]), 'en'),
  'parts of long messages': splitBody,
  'parts of texts': segmented,
  'subjects of mails': (text) => [topic(text), splitSubject(text)],
  addresses: (text) => [parseJid(text), parseJid(`${text}@a.b`), parseJid(`a@${text}`)],
};

const FIELDS = ['From', 'To', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'References', 'List-Id'];
const OTHER_FIELDS = [
  'List-Unsubscribe',
  'Auto-Submitted',
  'Sender',
  'Content-Type',
  'Content-Disposition',
];
const PLACES: Readonly<Record<string, (text: string) => string>> = {
  ...Object.fromEntries(
    [...FIELDS, ...OTHER_FIELDS].map((name) => [
      name,
      (text: string) => `From: a@b.org\r\n${name}: ${text.replace(/\n(?! )/g, '\n ')}\r\n\r\nHello`,
    ]),
  ),
  'name of somebody': (text) => `From: "${text.replace(/\n(?! )/g, '\n ')}" <a@b.org>\r\n\r\nHello`,
  'name of a file': (text) =>
    `Content-Type: a/b\r\nContent-Disposition: x; filename="${text.replace(/\n(?! )/g, '\n ')}"\r\n\r\nHello`,
  'type of a part': (text) =>
    `Content-Type: text/plain; ${text.replace(/\n(?! )/g, '\n ')}\r\n\r\nHello`,
  text: (text) => `From: a@b.org\r\n\r\nHello\n${text}`,
  quotation: (text) => `From: a@b.org\r\n\r\nHello\n\nOn Monday, a wrote:\n> x\n${text}\n> y`,
  'flowed text': (text) => `Content-Type: text/plain; format=flowed\r\n\r\n${text}`,
  html: (text) => `Content-Type: text/html\r\n\r\n<p>Hello</p>${text}end`,
  multipart: (text) => `Content-Type: multipart/mixed; boundary="-"\r\n\r\n${text}`,
  report: (text) =>
    `From: mailer-daemon@b.org\r\nX-Failed-Recipients: a@b\r\n\r\n${text}\nMessage-ID: <a@b>\n${text}`,
};

/** The text with something before and behind it, too: what ends at the end may be found there at once. */
const longTexts = (units: readonly string[], length: number): string[] =>
  units.flatMap((unit) => {
    const text = unit.repeat(Math.ceil(length / unit.length));
    return [text, `y${text}y`];
  });

describe('a long text takes no longer than it must:', () => {
  for (const [what, read] of Object.entries(READERS)) {
    test(what, { timeout: TOO_LONG_MS }, async () => {
      for (const text of longTexts(UNITS, LENGTH)) {
        read(text);
        await breath();
      }
    });
  }

  const english = texts('en');
  for (const [where, mail] of Object.entries(PLACES)) {
    test(`in mails: ${where}`, { timeout: TOO_LONG_MS }, async () => {
      for (const text of longTexts([...UNITS, ...IN_MAILS], MAIL_LENGTH)) {
        await readMail(Buffer.from(mail(text)), english);
        await breath();
      }
    });
  }
});
