import type { AddressBook } from '../../src/plugin/index.ts';
import { partyAddress, partyOf, readParty, writeParty } from './party.ts';
import { typedParty } from './phone-numbers.ts';
import { texts } from './texts.ts';

/**
 * `+15005550006`, `12345;phone-context=us`, `bank;phone-context=alphanumeric`, `+15005550006,+15005550007`: all of them
 * contacts, as Cheogram has them.
 */
export function createAddressBook(region: string | undefined): AddressBook {
  return {
    prompt: (language) => texts(language).prompt,
    description: (language) => texts(language).promptMore(region?.toUpperCase()),
    parse: (text) => {
      const party = readParty(text, region);
      return party === undefined ? undefined : partyAddress(party);
    },
    typed: (text) => {
      const party = typedParty(text, region);
      return party === undefined ? undefined : partyAddress(party);
    },
    format: ({ id }) => writeParty(partyOf(id)),
  };
}
