import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('the demo runs to its end, and prints the lines that the README shows', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'test/demo/demo.ts', '--once'],
    { timeout: 120_000 },
  );
  assert.match(stdout, /done\n$/);
  const printed = stdout.split('\n');
  const shown = /```\n([^`]* │ [^`]*)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
  assert.match(shown, /laurence[^]*nurse/);
  for (const line of shown.trimEnd().split('\n')) {
    assert.ok(printed.includes(line), `not printed: ${line}`);
  }
});
