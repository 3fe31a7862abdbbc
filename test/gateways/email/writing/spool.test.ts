import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { Spool } from '../../../../gateways/email/writing/spool.ts';

/** The open files of this process that have no name any more. */
const nameless = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /causeway-.*\(deleted\)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;

const isLinux = process.platform === 'linux';

test('a little is kept in memory, and can be read again', async () => {
  const spool = new Spool();
  await spool.write(Buffer.from('a few '));
  await spool.write(Buffer.from('words'));
  assert.equal((await spool.content()).toString(), 'a few words');
  assert.equal((await buffer(await spool.read())).toString(), 'a few words');
  if (isLinux) assert.equal(nameless(), 0);
});

test('much is kept in a file without a name, until nobody wants it', async () => {
  const spool = new Spool();
  const pieces = Array.from({ length: 40 }, (_, at) => Buffer.alloc(20_000, at));
  for (const piece of pieces) await spool.write(piece);
  assert.equal(spool.sizeBytes, 800_000);
  if (isLinux) assert.equal(nameless(), 1);
  const all = Buffer.concat(pieces);
  assert.ok((await spool.content()).equals(all));
  assert.ok((await buffer(await spool.read())).equals(all));
  await spool.discard();
  // Whoever is late writes nowhere.
  await spool.write(Buffer.alloc(500_000));
  if (isLinux) assert.equal(nameless(), 0);
});
