import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOfHtml } from '../../../../gateways/email/reading/html-text.ts';

const read = async (html: string): Promise<string> => (await textOfHtml(html)).text;

describe('the text of HTML', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['letters of a fraction of the usual size', '<p style="font-size:0.9em">Read me</p>'],
    [
      'columns that are laid out by letters of no size, as MJML does it',
      '<td style="font-size:0px;padding:10px"><div style="font-size:13px">Read me</div></td>',
    ],
    ['what only Outlook hides', '<p style="color:red;mso-hide:all">Read me</p>'],
    ['what has no back', '<div style="-webkit-backface-visibility:hidden">Read me</div>'],
    ['boxes that are not high', '<div style="max-height:0.5in">Read me</div>'],
    ['what can be seen through', '<div style="opacity:0.8">Read me</div>'],
  ];
  for (const [name, html] of shown) {
    test(`has ${name}`, async () => assert.equal(await read(html), 'Read me'));
  }

  test('has the links of buttons that Outlook has another form of', async () => {
    const button = '<a href="https://shop.test/confirm" style="mso-hide:all">Confirm</a>';
    assert.equal(await read(button), 'Confirm <https://shop.test/confirm>');
  });

  test('keeps the cells of a row with letters of no size apart', async () => {
    const cell = (text: string): string =>
      `<td style="font-size:0"><span style="font-size:12px">${text}</span></td>`;
    assert.equal(await read(`<table><tr>${cell('Tea')}${cell('3 €')}</tr></table>`), 'Tea 3 €');
  });

  for (const style of [
    'display:none',
    'DISPLAY: none !important;',
    'visibility:hidden',
    'font-size:0',
    'font-size: 0px; line-height: 0',
    'max-height:0px;overflow:hidden',
    'opacity:0',
  ]) {
    test(`has nothing that ${style} hides`, async () => {
      assert.equal(await read(`<div style="${style}">Preview</div><p>Read me</p>`), 'Read me');
    });
  }
});
