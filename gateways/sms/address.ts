import type { Account, AddressBook } from '../../src/plugin/index.ts';
import { partyAddress, partyOf, readParty, writeParty } from './party.ts';
import { isRegion, typedParty } from './phone-numbers.ts';
import { texts } from './texts.ts';

/**
 * `+15005550006`, `12345;phone-context=us`, `bank;phone-context=alphanumeric`, `+15005550006,+15005550007`: all of them
 * contacts, as Cheogram has them.
 */
export function createAddressBook(region: string | undefined): AddressBook {
  return {
    prompt: (language) => texts(language).prompt,
    description: (language, account) =>
      texts(language).promptMore(regionOf(account) ?? region?.toUpperCase()),
    parse: (text) => {
      const party = readParty(text, region);
      return party === undefined ? undefined : partyAddress(party);
    },
    typed: (text, account) => {
      const party = typedParty(text, regionOf(account) ?? region);
      return party === undefined ? undefined : partyAddress(party);
    },
    format: ({ id }) => writeParty(partyOf(id)),
  };
}

/** Where a user reads numbers, if she has said so when she registered. */
function regionOf(account: Account | undefined): string | undefined {
  const region = account?.['region'];
  return typeof region === 'string' && isRegion(region) ? region : undefined;
}
