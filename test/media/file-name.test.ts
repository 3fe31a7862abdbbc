import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanName, nameInUrl } from '../../src/media/file-name.ts';
import { mediaType } from '../../src/media/media-type.ts';

const NAMES: readonly (readonly [given: string, safe: string])[] = [
  ['holiday.jpg', 'holiday.jpg'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\system.ini', 'system.ini'],
  ['..', 'file'],
  ['.', 'file'],
  ['', 'file'],
  ['.htaccess', 'htaccess'],
  ['a\0b\r\nc.txt', 'abc.txt'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['half \ud800 pair.txt', 'half pair.txt'],
  ['a<b>:c|d?.txt', 'a_b__c_d_.txt'],
  ['con.txt', '_con.txt'],
  ['name. . ', 'name'],
  ['Grüße 🦊.pdf', 'Grüße 🦊.pdf'],
];

test('names of files are made safe, and stay what they are', () => {
  for (const [given, safe] of NAMES) assert.equal(cleanName(given), safe, JSON.stringify(given));
});

test('a name that is too long keeps its end', () => {
  const name = cleanName(`${'x'.repeat(500)}.tar`);
  assert.equal(name.length, 120);
  assert.ok(name.endsWith('.tar'));
});

test('the name in an address is found, or is just "file"', () => {
  assert.equal(nameInUrl('https://x.example/a/b%20c.png?d=e#f'), 'b c.png');
  assert.equal(nameInUrl('https://x.example/..%2f..%2fetc%2fpasswd'), 'passwd');
  assert.equal(nameInUrl('https://x.example/'), 'file');
  assert.equal(nameInUrl('https://x.example/%ff'), 'file');
});

test('the type of a file is what it says, what its name says, or that of bytes', () => {
  assert.equal(mediaType('Image/PNG; x=y', 'a'), 'image/png');
  assert.equal(mediaType('', 'a.JPG'), 'image/jpeg');
  assert.equal(mediaType('application/octet-stream', 'a.pdf'), 'application/pdf');
  assert.equal(mediaType('text/html\r\nx: y', 'a'), 'application/octet-stream');
  assert.equal(mediaType('', 'constructor.constructor'), 'application/octet-stream');
});
