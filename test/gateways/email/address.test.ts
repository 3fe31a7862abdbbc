import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressBook, listContact, mailboxOf } from '../../../gateways/email/address.ts';
import { mailAddress } from '../../../gateways/email/mail-address.ts';
import { contactId } from '../../../src/plugin/index.ts';
import { escapeLocal, unescapeLocal } from '../../../src/xmpp/jid-escaping.ts';
import { parseJid } from '../../../src/xmpp/jid.ts';

describe('the address book', () => {
  test('takes the at sign and the percent sign, and gives one form', () => {
    for (const text of ['jane@example.org', 'jane%example.org', 'Jane@Example.ORG']) {
      assert.deepEqual(addressBook.parse(text), { kind: 'contact', id: 'jane@example.org' });
    }
    assert.equal(addressBook.parse('50%off@example.org')?.id, '50%off@example.org');
  });

  test('writes international domains in ASCII, so that look-alikes are seen', () => {
    assert.equal(mailAddress('info@bücher.example'), 'info@xn--bcher-kva.example');
    assert.equal(mailAddress('info@xn--bcher-kva.example'), 'info@xn--bcher-kva.example');
    assert.equal(mailAddress('jörg@example.org'), 'jörg@example.org');
  });

  test('refuses what would be several addresses, or other lines of a header', () => {
    const bad = [
      'a@b@c',
      'a@example.org,b@example.org',
      'a@example.org\r\nBcc: c@example.org',
      '"a\r\nBcc: c"@example.org',
      '"a" b@example.org',
      '"a"b"@example.org',
      '""@example.org',
      '"a\u202eb"@example.org',
      'a b@example.org',
      'a\\b@example.org',
      '<a@example.org>',
      'a@[127.0.0.1]',
      'a@127.0.0.1',
      'a@0x7f.1',
      '@example.org',
      'a@',
      '.a@example.org',
      'a..b@example.org',
      `${'a'.repeat(65)}@example.org`,
      `a@${'b'.repeat(64)}.org`,
      'a@exa_mple.org',
      'a\u202e@example.org',
      // They would be written to somebody else.
      '"a>b"@example.org',
      '"a<b"@example.org',
    ];
    for (const text of bad) assert.equal(mailAddress(text), undefined, JSON.stringify(text));
  });

  test('takes what stands in quotes, and the quotes off where they are not needed', () => {
    const cases = [
      ['"John Smith"@example.org', '"john smith"@example.org'],
      ['"a@b"@example.org', '"a@b"@example.org'],
      ['"a\\"\\\\\\b"@example.org', '"a\\"\\\\b"@example.org'],
      ['"john.smith"@example.org', 'john.smith@example.org'],
    ] as const;
    for (const [text, address] of cases) {
      assert.equal(mailAddress(text), address);
      assert.equal(mailAddress(address), address);
      const local = escapeLocal(address);
      assert.equal(unescapeLocal(local ?? ''), address);
      assert.equal(parseJid(`${local}@email.example.org`)?.local, local);
      assert.equal(addressBook.typed(`Somebody <${text}>`)?.id, address);
    }
  });

  test('understands what people type', () => {
    const cases = [
      'mailto:jane@example.org?subject=Hi',
      'mailto:jane%40example.org',
      'Jane Doe <jane@example.org>',
      ' jane@example.org ',
    ];
    for (const text of cases) assert.equal(addressBook.typed(text)?.id, 'jane@example.org', text);
    assert.equal(addressBook.typed('jane'), undefined);
    assert.equal(addressBook.typed('a@b.org\nc@d.org'), undefined);
  });

  test('knows lists without an address by their List-Id', () => {
    const list = listContact('Offers.Shop.example.org');
    assert.ok(list !== undefined);
    assert.deepEqual(addressBook.parse(list), { kind: 'contact', id: list });
    assert.equal(mailboxOf(list), undefined);
    assert.equal(mailboxOf(contactId('a@b')), 'a@b');
    assert.equal(listContact('a b'), undefined);
  });
});
