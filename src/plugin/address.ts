import type { ContactId, NetworkId, RoomId } from './ids.ts';
import type { Language } from './language.ts';
import type { Account } from './sign-in.ts';

/** Whom or what a message is for. */
export type Address =
  | { readonly kind: 'contact'; readonly id: ContactId }
  | { readonly kind: 'room'; readonly id: RoomId }
  | { readonly kind: 'network'; readonly id: NetworkId };

/**
 * How addresses of this network look. Pure and synchronous: called for every stanza, before any session
 * exists, with text from strangers. The core has already undone the escaping of XEP-0106, and will do it again.
 */
export interface AddressBook {
  /** What the user is asked for when she adds a contact: "Nick and server, as in nick%irc.example.org". */
  prompt(language: Language): string;
  /** One or two sentences more. */
  description?(language: Language, account?: Account): string;
  /**
   * The address behind the local part of a JID; `undefined` when no address can look so. Equal addresses
   * have equal ids: differences of case that the network ignores are gone from them.
   */
  parse(text: string): Address | undefined;
  /**
   * The address behind what a person types, "(555) 123-4567" for instance; `undefined` when it cannot be told.
   * @param account is hers, when she has one: it may say how she means it
   */
  typed(text: string, account?: Account): Address | undefined;
  /** The inverse of {@link AddressBook.parse}: `parse(format(address))` gives an equal address. */
  format(address: Address): string;
  /**
   * What clients call a room that nobody has named, "#garden (libera)" for instance; without it, as it is formatted. Some
   * show its whole JID instead of a name that is the local part of it.
   */
  title?(room: RoomId): string;
}
