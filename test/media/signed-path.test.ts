import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signedPath, ticketOf } from '../../src/media/signed-path.ts';

const KEY = new Uint8Array(32).fill(7);
const ID = 'abcdefghijklmnopqrstuvwx';
const TICKET = { id: ID, expiresAt: 2_000_000 };

test('opens what it was made for, until its time', () => {
  const path = signedPath(TICKET, KEY);
  assert.deepEqual(ticketOf(path, KEY, 1_999_999), TICKET);
  assert.equal(ticketOf(path, KEY, 2_000_000), undefined);
});

test('opens nothing when a part of it was changed', () => {
  const [id = '', expiry = '', signature = ''] = signedPath(TICKET, KEY).split('.');
  const later = (3_000_000).toString(36);
  const wrong = [
    `${id}.${later}.${signature}`,
    `${id.replace('a', 'b')}.${expiry}.${signature}`,
    `${id}.${expiry}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
    `${id}.${expiry}.${signature.slice(1)}`,
    `${id}.${expiry}.`,
    `../${id}.${expiry}.${signature}`,
    '',
  ];
  for (const path of wrong) assert.equal(ticketOf(path, KEY, 0), undefined, path);
  assert.equal(ticketOf(signedPath(TICKET, new Uint8Array(32)), KEY, 0), undefined);
});
