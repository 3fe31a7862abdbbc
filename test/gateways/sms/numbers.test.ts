import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAddressBook } from '../../../gateways/sms/address.ts';
import { smsOptions } from '../../../gateways/sms/options.ts';
import { readParty, writeParty } from '../../../gateways/sms/party.ts';
import { senderParty, typedParty } from '../../../gateways/sms/phone-numbers.ts';
import { checkRecipient } from '../../../gateways/sms/restrictions.ts';
import { texts } from '../../../gateways/sms/texts.ts';
import { NetworkError } from '../../../src/plugin/index.ts';

const typed = (text: string, region = 'us'): string | undefined => {
  const party = typedParty(text, region.toUpperCase());
  return party === undefined ? undefined : writeParty(party);
};

describe('what people type', () => {
  const cases: readonly (readonly [text: string, region: string, address: string | undefined])[] = [
    ['(555) 123-4567', 'us', '+15551234567'],
    ['500 555 0006', 'us', '+15005550006'],
    ['1 500 555 0006', 'us', '+15005550006'],
    ['+1 (500) 555-0006', 'de', '+15005550006'],
    ['sms:+15005550006', 'us', '+15005550006'],
    ['0151 12345678', 'de', '+4915112345678'],
    ['0049 (0)151 12345678', 'de', '+4915112345678'],
    ['0049 151 12345678', 'us', '+4915112345678'],
    ['sms:+4915112345678?body=Hello', 'us', '+4915112345678'],
    ['٠١٥١١٢٣٤٥٦٧٨', 'de', '+4915112345678'],
    ['+49 151\u200b 12345678', 'us', '+4915112345678'],
    ['＋49 151 12345678', 'us', '+4915112345678'],
    ['12345', 'us', '12345;phone-context=us'],
    ['112', 'de', '112;phone-context=de'],
    ['12345;phone-context=gb', 'us', '12345;phone-context=gb'],
    ['+15005550007, (500) 555-0006', 'us', '+15005550006,+15005550007'],
    ['1-800-FLOWERS and more', 'us', undefined],
    ['juliet', 'us', undefined],
    ['', 'us', undefined],
  ];
  for (const [text, region, address] of cases) {
    test(`is ${address ?? 'nothing'} for ${JSON.stringify(text)} in ${region}`, () => {
      assert.equal(typed(text, region), address);
    });
  }

  test('is read in the country of the user, if she has named one', () => {
    const book = createAddressBook('US');
    const german = { user: 'kim@example.org', region: 'DE' };
    assert.equal(book.typed('0151 12345678', german)?.id, '+4915112345678');
    assert.equal(book.typed('12345', german)?.id, '12345;phone-context=de');
    assert.equal(
      book.typed('12345', { user: 'kim@example.org', region: '??' })?.id,
      '12345;phone-context=us',
    );
    assert.equal(book.typed('(500) 555-0006')?.id, '+15005550006');
    assert.match(book.description?.('en', german) ?? '', /dialled within DE/);
  });

  test('needs a country code where no region is set, and short codes need one, too', () => {
    assert.equal(typedParty('(500) 555-0006', undefined), undefined);
    assert.equal(typedParty('12345', undefined), undefined);
    for (const text of ['+1 500 555 0006', '001 500 555 0006']) {
      const party = { kind: 'number', number: '+15005550006' };
      assert.deepEqual(typedParty(text, undefined), party);
    }
  });
});

describe('who a provider says has sent a text', () => {
  const cases: readonly (readonly [text: string, region: string, address: string | undefined])[] = [
    ['+15005550006', 'US', '+15005550006'],
    ['15005550006', 'DE', '+15005550006'],
    ['5005550006', 'US', '+15005550006'],
    ['4915112345678', 'US', '+4915112345678'],
    ['015112345678', 'DE', '+4915112345678'],
    ['004915112345678', 'US', '+4915112345678'],
    ['72345', 'US', '72345;phone-context=us'],
    ['Google', 'US', 'google;phone-context=alphanumeric'],
    ['My Bank', 'US', 'my bank;phone-context=alphanumeric'],
    ['GROẞ', 'DE', 'gross;phone-context=alphanumeric'],
    ['info@bank', 'DE', 'infobank;phone-context=alphanumeric'],
    ['///', 'US', undefined],
    ['', 'US', undefined],
  ];
  for (const [text, region, address] of cases) {
    test(`is ${address ?? 'nobody'} for ${JSON.stringify(text)}`, () => {
      const party = senderParty(text, region);
      assert.equal(party === undefined ? undefined : writeParty(party), address);
      if (address !== undefined) assert.deepEqual(readParty(address, undefined), party);
    });
  }
});

describe('whom no text goes to', () => {
  const check = (
    address: string,
    limits: object = {},
    blocked: string[] = [],
  ): string | undefined => {
    const { limits: read } = smsOptions.parse({ limits });
    const party = readParty(address, 'us');
    assert.ok(party !== undefined);
    try {
      checkRecipient(party, read, blocked, texts('en'));
    } catch (error) {
      assert.ok(error instanceof NetworkError);
      return error.message;
    }
    return undefined;
  };

  test('is nobody with an ordinary number', () => {
    assert.equal(check('+15005550006'), undefined);
    assert.equal(check('+4915112345678'), undefined);
  });

  test('is a number that cannot be one, unless numbers are not checked', () => {
    assert.match(check('+15550002') ?? '', /no phone/);
    assert.equal(check('+15550002', { check: 'off' }), undefined);
    assert.equal(check('+15551234567', { check: 'possible' }), undefined);
    assert.match(check('+15551234567', { check: 'valid' }) ?? '', /no phone/);
  });

  test('is a sender with a name', () => {
    assert.match(check('google;phone-context=alphanumeric') ?? '', /cannot be answered/);
  });

  test('is help, which nobody reads there, even where short codes are allowed', () => {
    for (const address of ['911', '112', '110;phone-context=de', '988']) {
      assert.match(check(address, { shortCodes: true }) ?? '', /emergency/);
    }
  });

  test('are short codes, premium numbers and other countries, unless they are allowed', () => {
    assert.match(check('12345') ?? '', /short codes/);
    assert.equal(check('12345', { shortCodes: true }), undefined);
    assert.match(check('+19005550100') ?? '', /cost extra/);
    assert.equal(check('+19005550100', { premium: true }), undefined);
    assert.match(check('+4915112345678', { countries: ['US', 'CA'] }) ?? '', /DE/);
    assert.equal(check('+12025550123', { countries: ['US', 'CA'] }), undefined);
  });

  test('are numbers that are blocked, in the configuration or since', () => {
    assert.match(check('+15005550006', { blocked: ['+1500'] }) ?? '', /not allowed/);
    assert.match(check('+15005550006', {}, ['+1500']) ?? '', /not allowed/);
  });

  test('is a group with one of them in it', () => {
    assert.match(check('+12025550123,+19005550100') ?? '', /cost extra/);
  });
});
