import assert from 'node:assert/strict';
import { test } from 'node:test';
import MailComposer from 'nodemailer/lib/mail-composer';
import { takeApart } from '../../../../gateways/email/mime/mail.ts';
import { decodeWords } from '../../../../gateways/email/mime/words.ts';
import { fieldOf } from '../../../../gateways/email/mime/header.ts';
import { Random } from '../../../fuzz/random.ts';

const LETTERS = Array.from('ab =_?\'";,.<>@-\n\n\tüß€日本🙂Щ');

test('reads what nodemailer writes, whatever is said in it', async () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const numbers = new Random(seed);
    const draw = (end: number): number => numbers.below(end);
    const words = (max: number): string =>
      Array.from({ length: draw(max) + 1 }, () => LETTERS[draw(LETTERS.length)]).join('');
    const line = (): string => `x${words(40).replace(/\s+/g, ' ')}x`;
    const text = `x${words(400)}x`;
    const subject = line();
    const files = Array.from({ length: draw(4) }, () => ({
      filename: line().replaceAll('"', ''),
      content: Buffer.from(Array.from({ length: draw(500) }, () => draw(256))),
    }));
    const textEncoding = draw(2) === 0 ? 'base64' : 'quoted-printable';
    const mail = new MailComposer({
      from: 'a@b.org',
      subject,
      text,
      textEncoding,
      attachments: files,
    });
    const read = await takeApart(await mail.compile().build());
    const said = read.said.flatMap((one) => ('text' in one ? [one.text] : []));
    const where = `seed ${seed}`;
    assert.deepEqual(
      said.map((one) => one.replaceAll('\r\n', '\n').trimEnd()),
      [text],
      where,
    );
    assert.equal(decodeWords(fieldOf(read.fields, 'subject') ?? '', read.decode), subject, where);
    assert.deepEqual(
      read.attachments.map((one) => [one.name, one.content().toString('hex')]),
      files.map(({ content, filename }) => [filename, content.toString('hex')]),
      where,
    );
  }
});
