import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stylesIn, withDirectives } from '../../src/features/styling.ts';

/** What of a text has which style, as `kind:part`. */
const read = (text: string): string[] =>
  stylesIn(text).map(({ kind, from, to }) => `${kind}:${text.slice(from, to)}`);

/** XEP-0393; most texts are those of the document. */
describe('styling', () => {
  test('spans are read as the document has them', () => {
    for (const [text, expected] of [
      ['plain span', []],
      ['*strong span*', ['bold:*strong span*']],
      ['plain _emphasis_ plain', ['italic:_emphasis_']],
      ['`pre` plain *strong*', ['code:`pre`', 'bold:*strong*']],
      ['*strong*plain*', ['bold:*strong*']],
      ['* plain *strong*', ['bold:*strong*']],
      ['Everyone ~dis~likes cake.', ['strike:~dis~']],
      ['This is `*monospace*`', ['code:`*monospace*`']],
      ['This is *`both`*', ['bold:*`both`*', 'code:`both`']],
      ['_*~all~*_', ['italic:_*~all~*_', 'bold:*~all~*', 'strike:~all~']],
      ['(*not at a space*)', []],
    ] as const) {
      assert.deepEqual(read(text), expected, text);
    }
  });

  test('what is no span is not read as one', () => {
    const texts = [
      'not strong*',
      '*not strong',
      '*not \n strong*',
      '*not *strong',
      '**',
      '***',
      '****',
    ];
    for (const text of [...texts, '* not strong*', 'a*b*c', '2 * 3 * 4']) {
      assert.deepEqual(read(text), [], text);
    }
  });

  test('preformatted blocks go to their end, or to that of the block around them', () => {
    assert.deepEqual(read('```ignored\n*x*\n```\n*y*'), ['code:```ignored\n*x*\n```', 'bold:*y*']);
    assert.deepEqual(read('```\n*x*'), ['code:```\n*x*']);
    assert.deepEqual(read('> ```\n> x\n\n*y*'), ['code:```', 'code:x', 'bold:*y*']);
  });

  test('quotations are read inside, nested ones too', () => {
    assert.deepEqual(read('> *x*\n>> _y_\nz'), ['bold:*x*', 'italic:_y_']);
    assert.deepEqual(read(`${'>'.repeat(50_000)}*x*`), []);
  });

  test('styles become directives', () => {
    const text = 'so much to do';
    assert.equal(withDirectives(text, undefined), text);
    assert.equal(withDirectives(text, [{ kind: 'bold', from: 3, to: 7 }]), 'so *much* to do');
    assert.equal(withDirectives(text, [{ kind: 'code', from: 0, to: 13 }]), '`so much to do`');
    const both = [
      { kind: 'italic', from: 3, to: 7 },
      { kind: 'bold', from: 3, to: 10 },
    ] as const;
    assert.equal(withDirectives(text, both), 'so *_much_ to* do');
    const ended = [
      { kind: 'bold', from: 3, to: 13 },
      { kind: 'strike', from: 11, to: 13 },
    ] as const;
    assert.equal(withDirectives(text, ended), 'so *much to ~do~*');
  });

  test('styles do not go beyond a line, nor around the spaces at their ends', () => {
    assert.equal(withDirectives('one\ntwo ', [{ kind: 'bold', from: 0, to: 8 }]), '*one*\n*two* ');
  });

  test('styles that directives cannot say leave the text as it is', () => {
    assert.equal(
      withDirectives('unbelievable', [{ kind: 'bold', from: 2, to: 8 }]),
      'unbelievable',
    );
    assert.equal(withDirectives('2*3 is six', [{ kind: 'bold', from: 0, to: 10 }]), '2*3 is six');
    const crossing = [
      { kind: 'bold', from: 0, to: 7 },
      { kind: 'italic', from: 4, to: 11 },
    ] as const;
    assert.equal(withDirectives('one two three', crossing), '*one two* three');
  });

  test('what its author styled by hand is not styled twice', () => {
    assert.equal(withDirectives('*hi* you', [{ kind: 'bold', from: 0, to: 4 }]), '*hi* you');
  });
});
