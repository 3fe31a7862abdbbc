import { contactId } from '../../src/plugin/index.ts';
import type { Address, ContactId } from '../../src/plugin/index.ts';
import { isEmergency } from './emergency.ts';

/** Somebody, or several, whom texts go to and come from. */
export type Party =
  /** `+` and the digits of E.164. */
  | { readonly kind: 'number'; readonly number: string }
  /** Digits that mean something in one region only; the region in lower case. */
  | { readonly kind: 'short'; readonly digits: string; readonly region: string }
  /** A sender that is no number, such as a bank's; in lower case. Nobody can answer it. */
  | { readonly kind: 'name'; readonly name: string }
  /** Several numbers that see each other's texts, sorted. */
  | { readonly kind: 'group'; readonly numbers: readonly string[] };

/** The longest alphanumeric sender that GSM has room for (3GPP TS 23.040 §9.1.2.5); a little more for gateways that stretch it. */
const MAX_NAME = 20;
const MAX_GROUP = 20;
const NUMBER = /^\+[1-9]\d{5,14}$/;
const SHORT = /^\d{2,8}$/;
const CONTEXT = /^(.+);phone-context=([a-z-]+)$/;
/** Letters, digits, and signs that real senders use; no slash, no quotes, nothing that ends a line. */
const NAME = /^(?=.*[\p{L}])[\p{L}\p{N} .&+\-_!?#*()]+$/u;

export const isNumber = (text: string): boolean => NUMBER.test(text);

/**
 * RFC 3966 without the scheme: `+15005550006`, `12345;phone-context=us`, `bank;phone-context=alphanumeric`; a group is
 * its numbers with commas between.
 * @param region is where digits without a context belong
 */
export function readParty(text: string, region: string | undefined): Party | undefined {
  if (NUMBER.test(text)) return { kind: 'number', number: text };
  if (text.includes(',')) return readGroup(text.split(',', MAX_GROUP + 1));
  const [, local, context] = CONTEXT.exec(text.toLowerCase()) ?? [];
  if (local !== undefined && context === 'alphanumeric') return nameParty(local);
  if (local !== undefined && context !== undefined) return shortParty(local, context);
  return region === undefined ? undefined : shortParty(text, region);
}

export function shortParty(digits: string, region: string): Party | undefined {
  const context = region.toLowerCase();
  if (!SHORT.test(digits) || !/^[a-z]{2}$/.test(context)) return undefined;
  return { kind: 'short', digits, region: context };
}

export function nameParty(name: string): Party | undefined {
  // As servers fold the local parts of JIDs: the capital of "ß" is two letters.
  const text = name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  if (text !== text.trim() || text.length > MAX_NAME || !NAME.test(text)) return undefined;
  return { kind: 'name', name: text };
}

export function readGroup(texts: readonly string[]): Party | undefined {
  if (!texts.every(isNumber)) return undefined;
  const numbers = [...new Set(texts)].toSorted();
  const [first] = numbers;
  if (first === undefined || numbers.length > MAX_GROUP) return undefined;
  return numbers.length === 1 ? { kind: 'number', number: first } : { kind: 'group', numbers };
}

/** The inverse of {@link readParty}. */
export function writeParty(party: Party): string {
  switch (party.kind) {
    case 'number':
      return party.number;
    case 'short':
      return `${party.digits};phone-context=${party.region}`;
    case 'name':
      return `${party.name};phone-context=alphanumeric`;
    case 'group':
      return party.numbers.join(',');
  }
}

/** The party as networks write it: without a context. */
export function dialled(party: Party): string {
  if (party.kind === 'short') return party.digits;
  return party.kind === 'name' ? party.name : writeParty(party);
}

/** All parties are contacts: nobody is let into a group, or sees who is in it. */
export const partyId = (party: Party): ContactId => contactId(writeParty(party));
export const partyAddress = (party: Party): Address => ({ kind: 'contact', id: partyId(party) });

/** An id that {@link partyId} has made. */
export function partyOf(id: string): Party {
  const party = readParty(id, undefined);
  if (party === undefined) throw new Error('no party has this id');
  return party;
}

/** Whether it is a number to call for help: nobody reads texts there. */
export function isForHelp(party: Party): boolean {
  return party.kind === 'short' && isEmergency(party.digits, party.region);
}
