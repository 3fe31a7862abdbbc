import type { Contact, ContactId, Show } from '../plugin/index.ts';
import { contactId } from '../plugin/index.ts';
import type { ContactRow, ContactStore } from '../store/contacts.ts';

/** More than a person knows; a gateway that tells of more has a defect. */
const MAX_CONTACTS = 20_000;

/** Somebody whom the user knows on the network: what is kept, and what is only known while she is connected. */
export interface KnownContact extends Omit<ContactRow, 'contact'> {
  readonly id: ContactId;
  /** Absent while the network has said nothing. */
  readonly show: Show | undefined;
  readonly status: string | undefined;
}

const NOBODY: Omit<KnownContact, 'id'> = {
  name: '',
  groups: [],
  isListed: false,
  isAsking: false,
  isDismissed: false,
  entry: undefined,
  avatarHash: undefined,
  show: undefined,
  status: undefined,
};

export type ContactChange = Partial<Omit<KnownContact, 'id'>>;

/** The contacts of one user. Changes are made at once and stored with {@link Contacts.save}. */
export class Contacts {
  readonly #store: ContactStore;
  readonly #gateway: string;
  readonly #user: string;
  /** Absent while she knows nobody, as on networks of rooms. */
  #contacts: Map<ContactId, KnownContact> | undefined;
  #unsaved: Set<ContactId> | undefined;
  #isSaving = false;

  constructor(store: ContactStore, gateway: string, user: string) {
    this.#store = store;
    this.#gateway = gateway;
    this.#user = user;
  }

  get(id: ContactId): KnownContact | undefined {
    return this.#contacts?.get(id);
  }

  all(): Iterable<KnownContact> {
    return this.#contacts?.values() ?? [];
  }

  /** Changes what is given, and only that. */
  change(id: ContactId, change: ContactChange): KnownContact {
    const contacts = (this.#contacts ??= new Map<ContactId, KnownContact>());
    const before = contacts.get(id) ?? { id, ...NOBODY };
    const after = { ...before, ...change };
    if (contacts.has(id) || contacts.size < MAX_CONTACTS) contacts.set(id, after);
    if (!isSameRow(before, after)) (this.#unsaved ??= new Set()).add(id);
    return after;
  }

  /** What the network has told; what it leaves out stays as it was. */
  take(contact: Contact, listing?: { readonly isListed: boolean }): KnownContact {
    const { id, name, groups, show, status } = contact;
    return this.change(id, {
      ...(name === undefined ? {} : { name }),
      ...(groups === undefined ? {} : { groups: [...new Set(groups)].sort() }),
      ...(show === undefined ? {} : { show }),
      ...(status === undefined ? {} : { status: status === '' ? undefined : status }),
      ...listing,
    });
  }

  /** The connection to the network is gone, and what it told of who is there with it. */
  forgetShows(): void {
    for (const { id, show } of this.all()) {
      if (show !== undefined) this.change(id, { show: undefined, status: undefined });
    }
  }

  async load(): Promise<void> {
    for (const { contact, ...row } of await this.#store.list(this.#gateway, this.#user)) {
      const id = contactId(contact);
      (this.#contacts ??= new Map()).set(id, { ...NOBODY, ...row, id });
    }
  }

  /** Stores what has changed. */
  async save(): Promise<undefined> {
    this.#isSaving = false;
    const ids = [...(this.#unsaved ?? [])];
    if (ids.length === 0) return;
    this.#unsaved = undefined;
    const rows: ContactRow[] = [];
    for (const id of ids) {
      const contact = this.get(id);
      if (contact !== undefined && isWorthKeeping(contact)) rows.push(rowOf(contact));
      else await this.#store.remove(this.#gateway, this.#user, id);
    }
    await this.#store.save(this.#gateway, this.#user, rows);
  }

  /** Has what changes until its turn comes stored at once. @param post puts a piece of work behind all that waits */
  saveSoon(post: (work: () => Promise<undefined>) => void): void {
    if (this.#isSaving || this.#unsaved === undefined) return;
    this.#isSaving = true;
    post(() => this.save());
  }

  /** Forgets all, for a user who unregisters. */
  async clear(): Promise<void> {
    this.#contacts = undefined;
    this.#unsaved = undefined;
    await this.#store.removeAll(this.#gateway, this.#user);
  }
}

function isWorthKeeping(contact: KnownContact): boolean {
  const { isListed, isAsking, isDismissed, entry, avatarHash } = contact;
  return isListed || isAsking || isDismissed || entry !== undefined || avatarHash !== undefined;
}

function rowOf({ id, show: _show, status: _status, ...row }: KnownContact): ContactRow {
  return { contact: id, ...row };
}

function isSameRow(a: KnownContact, b: KnownContact): boolean {
  return (
    a.name === b.name &&
    isSameList(a.groups, b.groups) &&
    a.isListed === b.isListed &&
    a.isAsking === b.isAsking &&
    a.isDismissed === b.isDismissed &&
    a.entry === b.entry &&
    a.avatarHash === b.avatarHash
  );
}

export function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}
