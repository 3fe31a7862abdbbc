import type { ContactId, Member } from '../plugin/index.ts';

/** Who is in a room, by nick. */
export class Members extends Map<string, Member> {
  /** Made when it is asked for, and good until somebody comes, goes or changes. */
  #contacts: ReadonlySet<ContactId> | undefined;

  /** Whether somebody with this address is in the room. A log-in asks this for each contact, once for each resource. */
  hasContact(id: ContactId): boolean {
    this.#contacts ??= contactsOf(this.values());
    return this.#contacts.has(id);
  }

  override set(nick: string, member: Member): this {
    this.#contacts = undefined;
    return super.set(nick, member);
  }

  override delete(nick: string): boolean {
    this.#contacts = undefined;
    return super.delete(nick);
  }

  override clear(): void {
    this.#contacts = undefined;
    super.clear();
  }
}

function contactsOf(members: Iterable<Member>): ReadonlySet<ContactId> {
  const contacts = new Set<ContactId>();
  for (const { contact } of members) if (contact !== undefined) contacts.add(contact);
  return contacts;
}
