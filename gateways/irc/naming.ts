import type { ContactId } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';

const MOST_CONTACTS = 1_000;

/**
 * How one user calls a server, and people on it. A known server has two names, its key and its host; stored
 * addresses and bookmarks have either, so that what she has named keeps the name that she gave it.
 */
export class Naming {
  readonly #usual: string;
  #others: Set<string> | undefined;
  /** By folded nick; absent while she calls everybody as we do. */
  #contacts: Map<string, ContactId> | undefined;

  constructor(usual: string) {
    this.#usual = usual;
  }

  /** All names that she has called the server by, and the usual one. */
  get names(): readonly string[] {
    return [this.#usual, ...(this.#others ?? [])];
  }

  /** She calls the server by that name. @returns whether it is news */
  called(server: string): boolean {
    if (server === this.#usual || this.#others?.has(server) === true) return false;
    (this.#others ??= new Set()).add(server);
    return true;
  }

  /** She has written to somebody by that address. */
  wroteTo(folded: string, id: ContactId): void {
    const isUsual = placeOf(id).server === this.#usual;
    if (isUsual && this.#contacts === undefined) return;
    this.#contacts ??= new Map();
    if (this.#contacts.size >= MOST_CONTACTS) this.#contacts.clear();
    this.#contacts.set(folded, id);
  }

  /** The address by which she wrote to somebody last, where any but the usual ones were used. */
  contact(folded: string): ContactId | undefined {
    return this.#contacts?.get(folded);
  }
}
