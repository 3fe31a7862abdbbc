import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address, AddressBook } from '../../src/plugin/index.ts';
import { Bench } from './bench.ts';
import type { Subject } from './subject.ts';

const HOSTILE: readonly string[] = [
  '',
  ' ',
  '%',
  '%%',
  '#',
  '@',
  '/',
  '\\',
  '.',
  ' lead',
  'trail ',
  'a\r\nQUIT',
  'a\u0000b',
  'a\u0007b',
  'a\u202eb',
  '😀',
  'ÀÉ',
  'İ',
  'ß',
  'K', // the sign for kelvin, which folds to k
  'ﬁ',
  '<a&b>"\'',
  'a'.repeat(10_000),
  '%'.repeat(10_000),
  '#'.repeat(10_000),
  'javascript:alert(1)',
  '__proto__',
  'constructor%toString',
  '+'.repeat(50),
  '::1',
  '2001:db8::1',
];

/** XML 1.0 and JIDs can carry it: no control characters, no half characters, no space at an end, not too long. */
const canBeLocalPart = (text: string): boolean =>
  text !== '' &&
  text === text.trim() &&
  Buffer.from(text).toString() === text &&
  !/[\u0000-\u001f\u007f-\u009f]/.test(text) &&
  Buffer.byteLength(text) <= 1_023;

/** What holds of every address book. */
export function describeAddresses(subject: Subject): void {
  describe('its addresses', () => {
    const { same, typed, impossible } = subject.addresses;

    const withBook = async (use: (book: AddressBook, bench: Bench) => void): Promise<void> => {
      const bench = await Bench.start(subject);
      try {
        use(bench.gateway.addresses, bench);
      } finally {
        await bench.stop();
      }
    };

    test('are the same for all spellings of one address, and different for different ones', () =>
      withBook((book) => {
        const ids = new Set<string>();
        for (const spellings of same) {
          const found = spellings.map((text) => book.parse(text));
          for (const address of found) assert.deepEqual(address, found[0]);
          const [first] = found;
          assert.ok(first !== undefined, `${spellings[0]} is an address`);
          ids.add(`${first.kind} ${first.id}`);
        }
        assert.equal(ids.size, same.length);
      }));

    test('are written as they are read, and survive being the local part of a JID', () =>
      withBook((book, { rig }) => {
        const texts = [rig.peer, rig.nobody, rig.room ?? '', ...same.flat(), ...HOSTILE];
        for (const text of texts) {
          const address = book.parse(text);
          if (address !== undefined) checkAddress(book, address);
        }
      }));

    test('are none where none can be, and hostile text does no harm', () =>
      withBook((book) => {
        for (const text of impossible) {
          assert.equal(book.parse(text), undefined, `${JSON.stringify(text)} is no address`);
        }
        for (const text of HOSTILE) {
          const address = book.typed(text);
          if (address !== undefined) checkAddress(book, address);
        }
      }));

    test('can be typed by people as they are written, and in their own way', () =>
      withBook((book) => {
        for (const [text] of same) {
          const address = book.parse(text ?? '');
          if (address === undefined) continue;
          assert.deepEqual(book.typed(book.format(address)), address);
          assert.deepEqual(book.typed(`  ${book.format(address)} `), address);
        }
        for (const [text, address] of typed) {
          assert.deepEqual(book.typed(text), book.parse(address), `${text} means ${address}`);
        }
      }));

    test('of its networks are addresses, each with a name', () =>
      withBook((book, { gateway }) => {
        const ids = new Set(gateway.networks.map(({ id }) => id));
        assert.equal(ids.size, gateway.networks.length);
        for (const { id, name } of gateway.networks) {
          assert.notEqual(name.trim(), '');
          checkAddress(book, { kind: 'network', id });
        }
      }));

    test('are asked for in words, whatever the language', () =>
      withBook((book) => {
        for (const language of ['en', 'de', 'de-CH', 'zz', '']) {
          assert.match(book.prompt(language), /\p{L}{2}/u);
          assert.match(book.description?.(language) ?? 'none', /\p{L}{2}/u);
        }
      }));
  });
}

function checkAddress(book: AddressBook, address: Address): void {
  const text = book.format(address);
  assert.ok(canBeLocalPart(text), `${JSON.stringify(text)} cannot be in a JID`);
  assert.deepEqual(book.parse(text), address);
  // Servers fold the local parts of JIDs.
  assert.deepEqual(book.parse(text.toLowerCase()), address, `${text} in lower case`);
}
