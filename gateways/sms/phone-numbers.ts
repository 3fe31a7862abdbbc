import { createRequire } from 'node:module';
import type * as phoneLibrary from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';
import { nameParty, readGroup, readParty, shortParty } from './party.ts';
import type { Party } from './party.ts';

type Library = typeof phoneLibrary;

/** Its metadata is large: read when the first number is looked at, so that other gateways do not pay for it. */
let library: Library | undefined;
function phones(): Library {
  library ??= loadLibrary(createRequire(import.meta.url)('libphonenumber-js/max'));
  return library;
}

function loadLibrary(module: unknown): Library {
  if (!isLibrary(module)) throw new Error('libphonenumber-js is not what it was');
  return module;
}

const isLibrary = (module: unknown): module is Library =>
  (typeof module === 'object' || typeof module === 'function') &&
  module !== null &&
  'parsePhoneNumberFromString' in module;

/** What the plan of numbers says about one. */
export interface NumberFacts {
  /** ISO 3166, when the number belongs to one country. */
  readonly country: string | undefined;
  /** The calling code, digits. */
  readonly callingCode: string;
  /** It has a length that numbers have there. */
  readonly isPossible: boolean;
  /** It is in a range that was given out when the metadata was made. */
  readonly isValid: boolean;
  readonly isPremium: boolean;
  /** With spaces, for people. */
  readonly shown: string;
}

export const isRegion = (text: string): boolean => isCountry(text.toUpperCase());

const isCountry = (text: string): text is CountryCode => phones().isSupportedCountry(text);

/** The plan is long, and people write to the same numbers again and again. */
const known = new Map<string, NumberFacts | undefined>();
const MAX_KNOWN = 2_000;

export function factsOf(number: string): NumberFacts | undefined {
  if (known.has(number)) return known.get(number);
  if (known.size >= MAX_KNOWN) known.clear();
  const facts = readFacts(number);
  known.set(number, facts);
  return facts;
}

function readFacts(number: string): NumberFacts | undefined {
  const found = phones().parsePhoneNumberFromString(number, { extract: false });
  if (found === undefined) return undefined;
  const type = found.getType();
  return {
    country: found.country,
    callingCode: found.countryCallingCode,
    isPossible: found.isPossible(),
    isValid: found.isValid(),
    isPremium: type === 'PREMIUM_RATE' || type === 'SHARED_COST',
    shown: found.formatInternational(),
  };
}

/** Signs that people put between digits; the rest of the text is digits and letters. */
const SEPARATORS = /[\s().\-/\u00a0\u2010-\u2015]/g;
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g;

/**
 * What a person means who types a number: "(555) 123-4567", "0049 151 …", "sms:+1…", "12345". Short codes are found first:
 * the library would take them for numbers without their beginning.
 */
export function typedParty(text: string, region: string | undefined): Party | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .trim()
    .replace(/^(?:sms|smsto|tel|mms|xmpp):/i, '')
    // RFC 5724 §2.2: what the text shall be.
    .replace(/\?.*$/s, '');
  if (plain.length > 200) return undefined;
  if (plain.includes(',') || plain.includes(';')) return typedParties(plain, region);
  const asWritten = readParty(plain, undefined);
  if (asWritten !== undefined) return asWritten;
  const digits = plain.replace(SEPARATORS, '');
  const short = region === undefined ? undefined : shortParty(digits, region);
  // A number that is whole in its own country is no short code, however short.
  return typedNumber(plain, region) ?? typedNumber(withPlus(digits), undefined) ?? short;
}

/** "00" stands for the plus nearly everywhere, and is the beginning of no number. */
const withPlus = (digits: string): string => digits.replace(/^00(?=[1-9])/, '+');

function typedNumber(text: string, region: string | undefined): Party | undefined {
  const country = region?.toUpperCase();
  const found = phones().parsePhoneNumberFromString(text, {
    extract: false,
    ...(country !== undefined && isCountry(country) ? { defaultCountry: country } : {}),
  });
  if (found === undefined || found.ext !== undefined) return undefined;
  const isLong = found.nationalNumber.length > 6;
  if (!(isLong ? found.isPossible() : found.isValid())) return undefined;
  return readParty(found.number, undefined);
}

function typedParties(text: string, region: string | undefined): Party | undefined {
  const written = readParty(text, region);
  if (written !== undefined) return written;
  const parties = text.split(/[,;]/).map((part) => typedParty(part, region));
  const numbers = parties.map((party) => (party?.kind === 'number' ? party.number : ''));
  return readGroup(numbers);
}

/**
 * Who a network says has sent something: it may have left the plus out, or say a name.
 * @param region is where the gateway's own number is, for short codes and numbers without their beginning
 */
export function senderParty(text: string, region: string | undefined): Party | undefined {
  const plain = text.trim();
  const digits = withPlus(plain.replace(SEPARATORS, ''));
  if (/^\+?\d{9,15}$/.test(digits)) {
    const whole = readParty(digits.startsWith('+') ? digits : `+${digits}`, undefined);
    if (digits.startsWith('+')) return whole;
    if (whole?.kind === 'number' && factsOf(whole.number)?.isValid === true) return whole;
    return typedNumber(digits, region) ?? whole;
  }
  const known = readParty(plain, region) ?? typedNumber(plain, region);
  return (
    known ??
    nameParty(
      plain
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N} .&+\-_!?#*()]/gu, '')
        .trim(),
    )
  );
}
