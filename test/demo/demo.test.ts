import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

test('the demo of the README runs to its end', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'test/demo/demo.ts', '--once'],
    { timeout: 60_000 },
  );
  assert.match(stdout, /juliet is registered/);
  assert.match(stdout, /Call me but love/);
  assert.match(stdout, /done\n$/);
});
