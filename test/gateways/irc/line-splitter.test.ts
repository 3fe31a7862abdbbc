import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter } from '../../../gateways/irc/line-splitter.ts';

function linesOf(chunks: readonly Buffer[], limit = 1_000): { lines: string[]; skipped: number } {
  const lines: string[] = [];
  let skipped = 0;
  const splitter = new LineSplitter(limit, () => skipped++);
  for (const chunk of chunks) {
    splitter.feed(chunk);
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) lines.push(line);
  }
  return { lines, skipped };
}

test('finds the same lines whatever the size of the pieces, within characters too', () => {
  const bytes = Buffer.from('grüße 👋\r\nzwei\ndrei\r\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { lines } = linesOf([bytes.subarray(0, cut), bytes.subarray(cut)]);
    assert.deepEqual(lines, ['grüße 👋', 'zwei', 'drei']);
  }
});

test('reads a line that is no UTF-8 as what Western clients wrote before, and the next as UTF-8', () => {
  const { lines } = linesOf([Buffer.from('caf\u00e9\n', 'latin1'), Buffer.from('café\n')]);
  assert.deepEqual(lines, ['café', 'café']);
});

test('skips a line that is too long, however it comes, and reads on', () => {
  const long = Buffer.from(`${'x'.repeat(100_000)}\nnext\n`);
  assert.deepEqual(linesOf([long]), { lines: ['next'], skipped: 1 });
  const pieces = Array.from({ length: 101 }, (_, i) => long.subarray(i * 1_000, (i + 1) * 1_000));
  assert.deepEqual(linesOf(pieces), { lines: ['next'], skipped: 1 });
});
