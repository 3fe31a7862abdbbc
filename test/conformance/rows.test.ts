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
/** A line of its table about rows that some of the real servers do not let us see. */
const HIDDEN = /^\| ((?:[GRCN]\d\d(?:, )?)+) +\| .+ \| .+ \|$/gm;

const ROWS = Object.entries(PARTS).flatMap(([part, count]) =>
  Array.from({ length: count }, (_, index) => `${part}${String(index + 1).padStart(2, '0')}`),
);

const rowsIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, rows = '']) => rows.split(', '));

function namedIn(folder: string, ending: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const rows = files
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => rowsIn(readFileSync(join(folder, name), 'utf8'), NAME));
  return new Set(rows);
}

test('each row of the list has a test that is named after it, or a reason why not, and not both', () => {
  const tested = namedIn('test', '.test.ts');
  const excused = new Set(rowsIn(readFileSync('test/conformance.md', 'utf8'), REASON));
  const missing = ROWS.filter((row) => !tested.has(row) && !excused.has(row));
  const contradictory = ROWS.filter((row) => tested.has(row) && excused.has(row));
  const unknown = [...tested, ...excused].filter((row) => !ROWS.includes(row));
  assert.deepEqual(
    { missing, contradictory, unknown },
    { missing: [], contradictory: [], unknown: [] },
  );
});

test('each row is seen on real servers as well, or there is a reason why not, and not both', () => {
  const seen = namedIn('test/servers/scenarios', '.py');
  const text = readFileSync('test/conformance.md', 'utf8');
  const excused = new Set(rowsIn(text, REASON));
  const hidden = rowsIn(text, HIDDEN);
  const missing = ROWS.filter((row) => !seen.has(row) && !excused.has(row));
  const contradictory = ROWS.filter((row) => seen.has(row) && excused.has(row));
  const unknown = [...seen, ...hidden].filter((row) => !ROWS.includes(row));
  assert.ok(hidden.length > 0 && hidden.every((row) => seen.has(row)), hidden.join());
  assert.deepEqual(
    { missing, contradictory, unknown },
    { missing: [], contradictory: [], unknown: [] },
  );
});
