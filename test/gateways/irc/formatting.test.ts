import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compose } from '../../../gateways/irc/compose.ts';
import { readFormatting } from '../../../gateways/irc/formatting.ts';

const frame = {
  target: '#room',
  isChannel: true,
  sourceBytes: 60,
  lineBytes: 512,
  hasReplyTag: false,
};

test('reads styles, and leaves out colours and what else there is', () => {
  const source =
    'a\u0002b\u001dc\u0002d\u000fe \u000304,05red\u0003 \u0011x\u0011 \u001fy\u001f\u0016z';
  assert.deepEqual(readFormatting(source), {
    text: 'abcde red x yz',
    styles: [
      { kind: 'bold', from: 1, to: 3 },
      { kind: 'italic', from: 2, to: 4 },
      { kind: 'code', from: 10, to: 11 },
    ],
  });
  assert.deepEqual(readFormatting('\u0002\u0002'), { text: '' });
  assert.deepEqual(readFormatting('plain'), { text: 'plain' });
});

test('writes styles for each line of its own, and carries them over a cut', () => {
  const text = 'x *big\nword* y';
  const lines = compose({ text, styles: [{ kind: 'bold', from: 2, to: 12 }] }, frame);
  assert.deepEqual(lines, [
    'PRIVMSG #room :x \u0002*big\u0002',
    'PRIVMSG #room :\u0002word*\u0002 y',
  ]);
  const long = `*${'word '.repeat(200)}end*`;
  const pieces = compose(
    { text: long, styles: [{ kind: 'bold', from: 0, to: long.length }] },
    frame,
  );
  assert.ok(pieces.length > 2);
  for (const piece of pieces) {
    assert.match(piece, /^PRIVMSG #room :\u0002/);
    assert.ok(Buffer.byteLength(piece) + 60 + 2 <= 512);
  }
});

test('lets nobody send codes that are not styles of his', () => {
  const [line] = compose({ text: 'a\u0002b\u0003c\u0001d' }, frame);
  assert.equal(line, 'PRIVMSG #room :abcd');
  const [styled] = compose({ text: 'a\u0002b', styles: [{ kind: 'bold', from: 0, to: 3 }] }, frame);
  assert.equal(styled, 'PRIVMSG #room :ab');
});
