import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** How many rows each part of the list has: XEP-0100, XEP-0077, XEP-0114, and their neighbours. */
const PARTS = { G: 58, R: 30, C: 18, N: 30 } as const;
/** A string that begins with the rows that it is about, as names of tests do. */
const NAME = /['"`]((?:[GRCN]\d\d(?:, )?)+): /g;
/** A line of conformance.md about rows that have no test. */
const REASON = /^- ((?:[GRCN]\d\d(?:, )?)+): (.+)/gm;

const ROWS = Object.entries(PARTS).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, index) => `${part}${String(index + 1).padStart(2, '0')}`),
);

const rowsIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, rows = '']) => rows.split(', '));

function testedRows(): Set<string> {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' });
  const rows = files
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => rowsIn(readFileSync(join('test', name), 'utf8'), NAME));
  return new Set(rows);
}

test('each row of the list has a test that is named after it, or a reason why not, and not both', () => {
  const tested = testedRows();
  const excused = new Set(rowsIn(readFileSync('test/conformance.md', 'utf8'), REASON));
  const missing = ROWS.filter((row) => !tested.has(row) && !excused.has(row));
  const contradictory = ROWS.filter((row) => tested.has(row) && excused.has(row));
  const unknown = [...tested, ...excused].filter((row) => !ROWS.includes(row));
  assert.deepEqual(
    { missing, contradictory, unknown },
    { missing: [], contradictory: [], unknown: [] },
  );
});
