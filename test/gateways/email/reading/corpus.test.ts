import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { readMail } from '../../../../gateways/email/reading/read-mail.ts';
import { texts } from '../../../../gateways/email/texts.ts';
import { summary } from './summary.ts';

const folder = new URL('../corpus/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<
  string,
  unknown
>;
const english = texts('en');

describe('reads the mails of the corpus:', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));

  test('there is an expected result for each of them', () => {
    assert.deepEqual(
      names.map((name) => name.slice(0, -4)).toSorted(),
      Object.keys(expected).toSorted(),
    );
  });

  for (const name of names) {
    test(name, async () => {
      const reading = await readMail(readFileSync(new URL(name, folder)), english);
      assert.deepEqual(summary(reading), expected[name.slice(0, -4)]);
    });
  }
});

describe('reads what is made to do harm:', () => {
  const bomb = (head: string, body: string): Buffer =>
    Buffer.from(`From: x@example.org\r\nMessage-ID: <bomb@x>\r\n${head}\r\n\r\n${body}`);
  const html = 'Content-Type: text/html';
  const bombs: readonly (readonly [string, Buffer, RegExp])[] = [
    ['10 MB of HTML', bomb(html, '<p>word <b>x</b></p>'.repeat(500_000)), /^\[This mail is too/],
    [
      '20,000 nested divs',
      bomb(html, `${'<div>'.repeat(20_000)}x${'</div>'.repeat(20_000)}`),
      /^\[This mail is too/,
    ],
    ['10 MB of text', bomb('X: y', 'some words > here\r\n'.repeat(600_000)), /^some words/],
    ['one line of 10 MB', bomb('X: y', 'x'.repeat(10_000_000)), /^xxx/],
    [
      '5,000 parts',
      bomb('Content-Type: multipart/mixed; boundary=b', '--b\r\n\r\nx\r\n'.repeat(5_000)),
      /^\[This mail could not be taken apart/,
    ],
    [
      '2,000 parts within each other',
      Buffer.from(
        Array.from(
          { length: 2_000 },
          (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
        ).join(''),
      ),
      /could not be taken apart/,
    ],
    ['a subject of 3 MB', bomb(`Subject: ${'x'.repeat(3_000_000)}`, 'Hi'), /could not be taken/],
    ['100,000 header fields', bomb('X-A: b\r\n'.repeat(100_000).trimEnd(), 'Hi'), /./],
    ['a million quotation marks', bomb('X: y', '>'.repeat(1_000_000)), /^>>>/],
    ['an attribution without end', bomb('X: y', `${'On '.repeat(300_000)}wrote:\r\n> x`), /^On/],
  ];
  for (const [name, raw, text] of bombs) {
    test(`${name}, in bounded time`, { timeout: 20_000 }, async () => {
      const reading = await readMail(raw, english);
      assert.match(reading.text, text);
      assert.ok(reading.text.length <= 61_000);
      // Nothing is lost: what is not shown is attached, or one command away.
      const isWhole = reading.text.length < 1_000 && reading.files.length === 0;
      if (isWhole) assert.ok(raw.length < 2_000_000);
      else assert.ok(reading.files.length > 0 || reading.fullText !== undefined);
    });
  }
});
