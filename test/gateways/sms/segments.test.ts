import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeGsm7, encodeGsm7, smartEncoded } from '../../../gateways/sms/alphabet.ts';
import { segmented } from '../../../gateways/sms/segments.ts';

describe('how a text is cut', () => {
  const cases: readonly (readonly [name: string, text: string, encoding: string, count: number])[] =
    [
      ['160 letters', 'a'.repeat(160), 'gsm7', 1],
      ['161 letters', 'a'.repeat(161), 'gsm7', 2],
      ['306 letters', 'a'.repeat(306), 'gsm7', 2],
      ['307 letters', 'a'.repeat(307), 'gsm7', 3],
      ['80 euro signs, which take two septets each', '€'.repeat(80), 'gsm7', 1],
      ['81 of them', '€'.repeat(81), 'gsm7', 2],
      ['70 letters of Cyrillic', 'ж'.repeat(70), 'ucs2', 1],
      ['71 of them', 'ж'.repeat(71), 'ucs2', 2],
      ['35 emoji', '😀'.repeat(35), 'ucs2', 1],
      ['36 emoji', '😀'.repeat(36), 'ucs2', 2],
      ['67 emoji: 33 fit into a part', '😀'.repeat(67), 'ucs2', 3],
      ['1530 letters', 'a'.repeat(1530), 'gsm7', 10],
      ['German with umlauts', 'Größe: schön, süß, Ärger', 'gsm7', 1],
      ['nothing', '', 'gsm7', 1],
    ];
  for (const [name, text, encoding, count] of cases) {
    test(`is ${count} of ${encoding} for ${name}`, () => {
      const { encoding: found, parts } = segmented(text);
      assert.equal(found, encoding);
      assert.equal(parts.length, count);
      assert.equal(parts.join(''), text);
      for (const part of parts)
        assert.equal(Buffer.from(part).toString(), part, 'no half character');
    });
  }
});

test('the alphabet of GSM is read as it is written', () => {
  const text = '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ¤¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€\n';
  assert.equal(decodeGsm7(encodeGsm7(text)), text);
  assert.equal(encodeGsm7('@').at(0), 0);
  assert.deepEqual([...encodeGsm7('€')], [0x1b, 0x65]);
});

test('typographic signs become plain ones only where that makes the text cheaper', () => {
  assert.equal(smartEncoded('“It’s – well… fine”'), '"It\'s - well... fine"');
  assert.equal(smartEncoded('“ж”'), '“ж”');
});
