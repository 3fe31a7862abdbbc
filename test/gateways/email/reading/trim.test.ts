import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { trimMail, trimParts } from '../../../../gateways/email/reading/trim.ts';

const trim = (text: string, isForward = false): string => trimMail(text, { isForward }).text;

describe('trimming a mail', () => {
  const answers: readonly (readonly [string, string])[] = [
    ['English', 'On Mon, 23 Nov 2026 at 09:00, Bob <bob@example.net> wrote:'],
    [
      'English over two lines',
      'On Mon, 23 Nov 2026 at 09:00, Bob Longname\n<bob@example.net> wrote:',
    ],
    [
      'English, broken in front of the bracket',
      'On Mon, 23 Nov 2026 at 09:00, Bob Longname <bob@example.net\n> wrote:',
    ],
    ['English with a date of its own', 'On Mon, 23 Nov 2026 at 09:00,\nBob wrote:'],
    ['German', 'Am 23.11.2026 um 09:00 schrieb Bob:'],
    ['French', 'Le lun. 23 nov. 2026 à 09:00, Bob <bob@example.net> a écrit :'],
    ['Russian', '23.11.2026, 09:00, "Bob" <bob@example.net> написал(а):'],
    ['Spanish', 'El lun, 23 nov 2026 a las 9:00, Bob (<bob@example.net>) escribió:'],
    ['Japanese', '2026年11月23日(月) 9:00 Bob <bob@example.net>さんは書きました:'],
  ];
  for (const [language, attribution] of answers) {
    test(`leaves out the quotation under the answer (${language})`, () => {
      assert.equal(trim(`Yes.\n\n${attribution}\n\n> Lunch?\n> Now?\n`), 'Yes.');
    });
  }

  test('leaves out the block of Outlook, in several languages', () => {
    const blocks = [
      'From: Bob\nSent: Monday\nTo: Jane\nSubject: Lunch',
      '________________________________\nVon: Bob\nGesendet: Montag\nAn: Jane\nBetreff: Lunch',
      '-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Jane\nSubject: Lunch',
      'От: Bob\nОтправлено: понедельник\nКому: Jane\nТема: Lunch',
    ];
    for (const block of blocks) assert.equal(trim(`Yes.\n\n${block}\n\nLunch?`), 'Yes.', block);
  });

  test('leaves out the block of Outlook with all that was written before', () => {
    const block = 'From: Bob\nSent: Monday\nTo: Jane\nSubject: Lunch';
    assert.equal(trim(`Yes.\n\n${block}\n\nLunch?\n> Hungry?\nVery.\n`), 'Yes.');
  });

  test('leaves out the signature, and what telephones write', () => {
    assert.equal(trim('Yes.\n\n-- \nJane\nACME Ltd'), 'Yes.');
    assert.equal(trim('Yes.\n\nSent from my iPhone'), 'Yes.');
    assert.equal(trim('Ja.\n\nVon meinem iPhone gesendet'), 'Ja.');
  });

  const wholes: readonly (readonly [string, string])[] = [
    ['answers between quotations', '> When?\nAt noon.\n> Where?\nHere.'],
    ['an answer below the quotation', 'Bob wrote:\n> When?\n\nAt noon.'],
    ['a quotation that nobody is said to have written', 'The poet says\n> Roses are red'],
    ['a quotation at the end that belongs to the text', 'Look what I found:\n> Roses are red'],
    ['a mail that is nothing but quotation', 'On Monday Bob <b@x.org> wrote:\n> When?'],
    ['a line of dashes', 'One\n---\nTwo'],
    ['dashes with much below them', `One\n--\n${'line\n'.repeat(20)}end`],
    ['a signature mark with more quotation under it', 'One\n-- \n> two\n-- \nthree'],
    ['three words that look like a header', 'From: me\nWith love'],
    ['a sentence with a colon', 'He said this and wrote:\nnothing'],
    ['only a signature', '-- \nJane'],
    ['a journey', 'The trip:\n\nFrom: Paris\nTo: London\nDate: 3 March\n\nDoes that suit you?'],
    [
      'an answer below a quotation with a header',
      'From: Bob\nSent: Monday\nTo: Jane\nSubject: Lunch\n\n> Lunch?\n\nYes.',
    ],
    [
      'an answer below a quotation with a header and a divider',
      'Hi\n-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Jane\n\n> Lunch?\n\nYes.',
    ],
    ['what was forgotten before the signature', 'Yes.\n\n-- \nJane\n\nPS: bring the key'],
  ];
  for (const [name, text] of wholes) {
    test(`keeps ${name}`, () => {
      assert.deepEqual(trimMail(text, { isForward: false }), { text, isTrimmed: false });
    });
  }

  const parts: readonly (readonly [string, readonly string[], string])[] = [
    ['keeps a text behind a signature', ['Notes:\n-- \nJane', 'PIN 4711'], 'Notes:\nPIN 4711'],
    [
      'leaves out the quotation before the footer of a list',
      ['Yes.\n\nOn Monday Bob <b@x.org> wrote:\n> Lunch?', '_____\nThe list'],
      'Yes.\n_____\nThe list',
    ],
    ['leaves out a footer that is a signature', ['Yes.', '-- \nThe list'], 'Yes.'],
    ['keeps texts that are nothing but quotation', ['> When?', '> Where?'], '> When?\n> Where?'],
  ];
  for (const [name, texts, expected] of parts) {
    test(`of several texts ${name}`, () => {
      assert.equal(trimParts(texts, { isForward: false }).text, expected);
    });
  }

  test('keeps what is forwarded', () => {
    const text = 'See this.\n\nFrom: Bob\nSent: Monday\nTo: Jane\nSubject: Lunch\n\nLunch?';
    assert.equal(trim(text, true), text);
  });
});
