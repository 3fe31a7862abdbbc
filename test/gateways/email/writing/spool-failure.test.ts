import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Spool } from '../../../../gateways/email/writing/spool.ts';

test('what could not be put into a file can be thrown away all the same', async (context) => {
  const { TMPDIR } = process.env;
  context.after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  process.env['TMPDIR'] = '/nowhere';
  const spool = new Spool();
  await assert.rejects(spool.write(Buffer.alloc(300_000)), { code: 'ENOENT' });
  await spool.discard();
});
