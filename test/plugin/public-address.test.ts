import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from '../../src/plugin/public-address.ts';

const CLOSED = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.168.1.1',
  '198.19.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '[::1]',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '[::ffff:10.0.0.1]',
  '::ffff:0:127.0.0.1',
  '::7f00:1',
  '64:ff9b::127.0.0.1',
  '64:ff9b:1::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
  '127.1',
  '0x7f000001',
];

const OPEN = [
  '1.1.1.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.1.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '[2a00:1450::1]',
  '::ffff:1.1.1.1',
  '64:ff9b::1.1.1.1',
];

test('addresses of our own network, whatever they are written like, are not public', () => {
  for (const address of CLOSED) assert.equal(isPublicAddress(address), false, address);
});

test('addresses of the Internet are', () => {
  for (const address of OPEN) assert.equal(isPublicAddress(address), true, address);
});
