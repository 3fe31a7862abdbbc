import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readMail } from '../../gateways/email/reading/read-mail.ts';
import type { Reading } from '../../gateways/email/reading/reading.ts';
import { texts } from '../../gateways/email/texts.ts';
import type { Random } from './random.ts';
import { rounds } from './rounds.ts';

const ROUNDS = 1_500;
const MAX_BYTES = 200_000;
/** What XML 1.0 does not allow in a text. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const folder = new URL('../gateways/email/corpus/', import.meta.url);
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith('.eml'))
  .map((name) => readFileSync(new URL(name, folder)));
const english = texts('en');

const PIECES: readonly string[] = [
  ['\r\n', '\n', '\r', '\0', '=', '=?', '?=', '"', '<', '>', '(', ')', ';', ':'],
  [',', '@', '\\', '\t', '> ', '--', '-- \n', '\r\n\r\n'],
  ['Content-Type: multipart/mixed; boundary=b\r\n', '--b\r\n', '--b--\r\n'],
  ['Content-Transfer-Encoding: base64\r\n', 'Content-Type: text/html\r\n'],
  ['From: a@b\r\n', '=?utf-8?q?', '=?x-none?b?4pi6?=', '=?cp850?q?=81?='],
  ['charset=utf-7', 'charset=x-none', "filename*0*=utf-8''%e2"],
  ['filename*1*=%82%ac', 'filename="../../x"', '%00', '<div>', '</div>'],
  ['<blockquote>', '&#0;', '&#x110000;', '\u2028', '🙂', 'ü', '>'.repeat(500)],
  ['<b>'.repeat(300), ';a=b'.repeat(200), ',a@b'.repeat(200)],
].flat();

/** Bytes left out, put in, doubled, changed, cut off, or taken from another mail. */
const DAMAGES: readonly ((random: Random, mail: Buffer, from: number, to: number) => Buffer)[] = [
  (_, mail, from, to) => Buffer.concat([mail.subarray(0, from), mail.subarray(to)]),
  (random, mail, from) => inserted(mail, from, Buffer.from(random.pick(PIECES))),
  (_, mail, from, to) => inserted(mail, from, mail.subarray(from, to)),
  (random, mail, from, to) => {
    const bytes = Array.from(mail.subarray(from, to), () => random.below(256));
    return Buffer.concat([mail.subarray(0, from), Buffer.from(bytes), mail.subarray(to)]);
  },
  (_, mail, from) => mail.subarray(0, from),
  (random, mail, from) => {
    const other = random.pick(corpus);
    const at = random.below(other.length + 1);
    return inserted(mail, from, other.subarray(at, at + random.below(2_000)));
  },
];

const inserted = (mail: Buffer, at: number, piece: Buffer): Buffer =>
  Buffer.concat([mail.subarray(0, at), piece, mail.subarray(at)]);

function damaged(random: Random): Buffer {
  let mail: Buffer = random.pick(corpus);
  for (let count = 1 + random.below(6); count > 0; count -= 1) {
    const from = random.below(mail.length + 1);
    const to = Math.min(mail.length, from + random.below(random.chance(0.2) ? 3_000 : 40));
    mail = random.pick(DAMAGES)(random, mail, from, to).subarray(0, MAX_BYTES);
  }
  return mail;
}

async function sizeOf(reading: Reading): Promise<number> {
  let size = 0;
  for (const file of reading.files) {
    const stream = await file.open(new AbortController().signal);
    for await (const piece of stream) size += piece.length;
  }
  return size;
}

/** All of its texts that somebody gets to see or that name something. */
function textsOf({ from, to, cc, files, replyTo, ...reading }: Reading): string[] {
  const people = [from, ...to, ...cc, ...(replyTo === undefined ? [] : [replyTo])];
  const facts = [reading.list, reading.report, reading.unsubscribe];
  return [
    [reading.id, reading.subject, reading.text, reading.fullText ?? ''],
    reading.references,
    people.flatMap(({ contact, name = '' }) => [contact, name]),
    files.map(({ name }) => name),
    facts.flatMap((one) => Object.values(one ?? {}).filter((value) => typeof value === 'string')),
  ].flat();
}

test('a mail that was damaged anywhere is read, and nothing in it does harm', async () => {
  await rounds(ROUNDS, async (random) => {
    const mail = damaged(random);
    const reading = await readMail(mail, english);
    for (const text of textsOf(reading)) assert.doesNotMatch(text, FORBIDDEN);
    for (const { name } of reading.files) assert.match(name, /^[^/\\\r\n]+$/);
    assert.doesNotMatch(reading.subject + reading.id, /[\r\n]/);
    for (const { from, to } of reading.styles) {
      assert.ok(from >= 0 && from < to && to <= reading.text.length, `style ${from}-${to}`);
    }
    assert.ok((await sizeOf(reading)) <= mail.length + MAX_BYTES, 'files grow');
  });
});
