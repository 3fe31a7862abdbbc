import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mailboxesIn } from '../../../../gateways/email/mime/addresses.ts';
import { decoderWith } from '../../../../gateways/email/mime/charset.ts';
import { takeApart } from '../../../../gateways/email/mime/mail.ts';
import type { Mail, Said } from '../../../../gateways/email/mime/mail.ts';
import { parameterized } from '../../../../gateways/email/mime/parameters.ts';
import { decodeWords } from '../../../../gateways/email/mime/words.ts';

const decode = decoderWith(undefined);

const textIn = (said: readonly Said[]): string =>
  said.map((one) => ('forms' in one ? `(${one.forms.map(textIn).join('|')})` : one.text)).join('+');

const read = (lines: readonly string[], encoding: BufferEncoding = 'utf8'): Promise<Mail> =>
  takeApart(Buffer.from(lines.join('\r\n'), encoding));

const filesIn = ({ attachments }: Mail): string[] =>
  attachments.map((one) => `${one.name ?? ''} ${one.type} ${one.content().toString('latin1')}`);

describe('takes mails apart:', () => {
  test('parts within parts, what is before and behind them is left out', async () => {
    const mail = await read([
      'Content-Type: Multipart/Mixed; Boundary="a b" (comment)',
      '',
      'For old programs',
      '--a b  ',
      'Content-Type: multipart/alternative; boundary=c',
      '',
      '--c',
      '',
      'Plain',
      '--c',
      'Content-Type: text/html',
      '',
      '<p>Rich</p>',
      '--c--',
      'after',
      '--a bc',
      '--a b',
      'Content-Type: application/x',
      '',
      'bytes',
      '--a b--',
      'Behind',
    ]);
    assert.equal(textIn(mail.said), '(Plain|<p>Rich</p>)');
    assert.deepEqual(filesIn(mail), [' application/x bytes']);
  });

  test('a boundary that begins another is not taken for it', async () => {
    const mail = await read([
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/mixed; boundary=bb',
      '',
      '--bb',
      '',
      'One',
      '--bb--',
      '--b',
      '',
      'Two',
      '--b--',
    ]);
    assert.equal(textIn(mail.said), 'One+Two');
  });

  test('a multipart whose boundary is nowhere is text', async () => {
    const mail = await read(['Content-Type: multipart/mixed; boundary=b', '', 'Not lost']);
    assert.equal(textIn(mail.said), 'Not lost');
  });

  test('line ends of Unix', async () => {
    const raw = 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nOne\n--b\n\nTwo\n--b--\n';
    assert.equal(textIn((await takeApart(Buffer.from(raw))).said), 'One+Two');
  });

  test('attachments are decoded as they are, and text that is one stays one', async () => {
    const mail = await read([
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      'Content-Disposition: attachment; filename=a.txt',
      'Content-Transfer-Encoding: BASE64',
      '',
      'AP8=',
      '--b',
      'Content-Type: x/y; name="=?utf-8?Q?=C3=BC.x?="',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'a=3Db =  ',
      'c',
      '--b--',
    ]);
    assert.deepEqual(filesIn(mail), ['a.txt text/plain \u0000\u00ff', 'ü.x x/y a=b c']);
  });

  test('large attachments come in pieces, whatever their lines are like', async () => {
    const content = Buffer.from(Array.from({ length: 2_500_001 }, (_, at) => (at * 7) % 251));
    const lines = content.toString('base64').match(/.{1,77}/g) ?? [];
    const mail = await read([
      'Content-Type: application/x; name=a',
      'Content-Transfer-Encoding: base64',
      '',
      ...lines,
      '',
    ]);
    const [part = assert.fail('no attachment')] = mail.attachments;
    const pieces = [...part.pieces()];
    assert.ok(pieces.length > 2 && pieces.every(({ length }) => length < 1_000_000));
    assert.ok(Buffer.concat(pieces).equals(content));
  });

  test('base64 that is closed in its midst goes on, unless it is something else', async () => {
    const lines = [btoa('Hello'), btoa('there.'), btoa('Go on')];
    const encoded = ['Content-Transfer-Encoding: base64', '', ...lines, '', '____', 'The list'];
    const mail = await read(['Content-Type: text/plain', ...encoded]);
    assert.equal(textIn(mail.said), 'Hellothere.Go on');
    const [part = assert.fail('no attachment')] = (
      await read(['Content-Type: application/x; name=a', ...encoded])
    ).attachments;
    assert.equal(Buffer.concat([...part.pieces()]).toString(), 'Hellothere.Go on');
  });

  test('the first of two fields counts, and lines that are none do not', async () => {
    const { fields } = await read([
      'From mbox',
      'Subject: one',
      'no field',
      'Subject: two',
      '',
      '',
    ]);
    assert.deepEqual(fields, [
      { name: 'subject', value: 'one' },
      { name: 'subject', value: 'two' },
    ]);
  });

  test('soft line ends within quotations, the line of a signature left alone', async () => {
    const mail = await read([
      'Content-Type: text/plain; format=Flowed; delsp=yes',
      '',
      '> quoted ',
      '> words',
      ' From here',
      'it goes ',
      '-- ',
      'Me',
    ]);
    assert.equal(textIn(mail.said), '> quotedwords\nFrom here\nit goes\n-- \nMe');
  });
});

describe('reads character sets:', () => {
  const bytes: readonly (readonly [string, readonly number[], string])[] = [
    ['windows-1252', [0x80, 0x93], '€“'],
    ['ISO-8859-1', [0xe9, 0x96], 'é–'],
    ['iso-8859-15', [0xa4], '€'],
    ['koi8-r', [0xf0, 0xf2], 'ПР'],
    ['gb2312', [0xc4, 0xe3], '你'],
    ['big5', [0xa7, 0x41], '你'],
    ['shift_jis', [0x93, 0xfa], '日'],
    ['cp932', [0x93, 0xfa], '日'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], '日'],
    ['euc-kr', [0xb0, 0xa1], '가'],
    ['ks_c_5601-1987', [0xb0, 0xa1], '가'],
    ['iso-8859-8-i', [0xe0], 'א'],
    ['us-ascii', [0xc3, 0xa4], 'ä'],
    ['us-ascii', [0xe4], 'ä'],
    ['utf-8', [0x4b, 0xf6, 0x6c, 0x6e, 0x20, 0x93], 'Köln “'],
    ['utf-8', [0xc3, 0xb6, 0x20, 0xf6], 'ö \ufffd'],
    ['x-klingon', [0xe4], 'ä'],
    ['utf-7', [0x2b, 0x41, 0x47, 0x45, 0x2d], '+AGE-'],
    // Known to iconv-lite alone.
    ['cp437', [0x84], 'ä'],
    ['cp850', [0x84], 'ä'],
    ['macintosh', [0x8a], 'ä'],
  ];
  for (const [label, given, text] of bytes) {
    test(`${label}: ${text}`, async () => {
      const head = Buffer.from(`Content-Type: text/plain; charset="${label}"\r\n\r\n`);
      const mail = await takeApart(Buffer.concat([head, Buffer.from(given)]));
      assert.equal(textIn(mail.said), text);
    });
  }

  const pages: readonly (readonly [string, readonly number[], string])[] = [
    ['windows-1251', [0xcf, 0xf0], 'Пр'],
    ['iso-2022-jp', [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], '日'],
    ['iso-8859-2', [0xc3, 0xb6], 'ö'],
    ['utf-16', [0x61], 'a'],
  ];
  for (const [label, given, text] of pages) {
    test(`${label} in a page that alone says so: ${text}`, async () => {
      const meta = `<meta http-equiv="Content-Type" content="text/html; charset=${label}">`;
      const head = Buffer.from(`Content-Type: text/html\r\n\r\n${meta}`);
      const mail = await takeApart(Buffer.concat([head, Buffer.from(given)]));
      assert.equal(textIn(mail.said).slice(meta.length), text);
    });
  }

  test('in a header each field by itself', async () => {
    const { fields } = await takeApart(
      Buffer.concat([Buffer.from('A: ü\r\nB: '), Buffer.from([0xfc]), Buffer.from('\r\n\r\n')]),
    );
    assert.deepEqual(
      fields.map(({ value }) => value),
      ['ü', 'ü'],
    );
  });
});

describe('reads encoded words:', () => {
  const words: readonly (readonly [string, string])[] = [
    ['=?utf-8?Q?a_b=C3=BC?= c', 'a bü c'],
    ['=?UTF-8?B?w7w=?= \t=?utf-8?b?w7w=?=', 'üü'],
    ['=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=', 'ü'],
    ['=?utf-8*en?Q?a?= =?iso-8859-1?Q?=FC?= x', 'aü x'],
    ['a =?utf-8?Q?b?=', 'a b'],
    ['=?utf-8?X?b?= and =?utf-8?Q?open', '=?utf-8?X?b?= and =?utf-8?Q?open'],
  ];
  for (const [given, text] of words) {
    test(given, () => assert.equal(decodeWords(given, decode), text));
  }
});

describe('reads parameters:', () => {
  const values: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a/b; x=1; X=2; y="; \\"z\\""', { x: '1', y: '; "z"' }],
    ["a/b; name*=utf-8'de'%C3%BC%20.x; name=u.x", { name: 'ü .x' }],
    ["a/b; name*0*=iso-8859-1''%FC; name*1=b; name*2*=%20c", { name: 'üb c' }],
    ['a/b; name*0="a "; name*1="b"', { name: 'a b' }],
    ['a/b; name=Bill(1).pdf', { name: 'Bill(1).pdf' }],
    ['a/b; name=x (why)', { name: 'x' }],
    ['a/b; name="open', { name: 'open' }],
    ['a/b; flag; x=1', { x: '1' }],
  ];
  for (const [given, parameters] of values) {
    test(given, () => {
      const { parameters: found, value } = parameterized(given, decode);
      assert.equal(value, 'a/b');
      assert.deepEqual(Object.fromEntries(found), parameters);
    });
  }
});

describe('reads addresses:', () => {
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['a@b.org', ['|a@b.org']],
    ['  A. B  <a@b.org>  ', ['A. B|a@b.org']],
    ['"C, D" <c@d.org>, e@f.org (E)', ['C, D|c@d.org', 'E|e@f.org']],
    ['All: a@b.org, B <b@b.org>;', ['|a@b.org', 'B|b@b.org']],
    ['=?utf-8?Q?J=C3=B6rg?= <j@b.org>', ['Jörg|j@b.org']],
  ];
  for (const [given, people] of fields) {
    test(given, () =>
      assert.deepEqual(
        mailboxesIn(given, decode).map(({ address, name }) => `${name}|${address}`),
        people,
      ),
    );
  }
});

describe('a header:', () => {
  test('character sets that Node does not know, in the header alone, too', async () => {
    const mail = await read([
      'From: =?cp850?q?M=81ller?= <a@b.org>',
      'Subject: =?x-none?q?Gr=fc=dfe?=',
      '',
      'Hello',
    ]);
    const [from = '', subject = ''] = mail.fields.map(({ value }) => value);
    assert.deepEqual(mailboxesIn(from, mail.decode), [{ name: 'Müller', address: 'a@b.org' }]);
    assert.equal(decodeWords(subject, mail.decode), 'Grüße');
  });

  test('a character set that shows only when a header is looked at closely', async () => {
    const mail = await read(['From: a@b.org', '', 'Hello']);
    assert.equal(decodeWords('=?cp850?q?M=fcller?=', mail.decode), 'Müller');
  });

  test('control characters in a header are left out', async () => {
    const mail = await read([
      'References: <a\u0007@b.org>',
      'Subject: a\u0000b\u007f',
      '',
      'Hello',
    ]);
    assert.deepEqual(
      mail.fields.map(({ value }) => value),
      ['<a@b.org>', 'ab'],
    );
  });
});
