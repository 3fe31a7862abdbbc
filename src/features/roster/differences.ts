import type { ContactId } from '../../plugin/index.ts';
import type { KnownContact } from '../../session/contacts.ts';
import { isSameList } from '../../session/contacts.ts';
import type { RosterItem } from '../../session/roster-copy.ts';
import type { RosterEntry } from '../../store/contacts.ts';

/** How a contact is to stand on the user's roster. */
export interface Wanted {
  readonly name: string;
  readonly groups: readonly string[];
}

/** An item to be written. `wanted` is what the network says; `item` that with what the user has changed by herself. */
export interface Writing {
  readonly act: 'add' | 'modify';
  readonly id: ContactId;
  readonly wanted: Wanted;
  readonly item: Wanted;
}

export interface Removal {
  readonly id: ContactId;
  readonly entry: RosterEntry;
}

/** What the user's roster does not have as the network has it. */
export interface RosterChanges {
  readonly add: Writing[];
  readonly modify: Writing[];
  readonly remove: Removal[];
  /** These are right as they stand. */
  readonly note: Writing[];
  /** The user took these off herself, which is to be remembered. */
  readonly dismiss: ContactId[];
}

export interface RosterView {
  readonly localOf: (id: ContactId) => string;
  /** How a contact is called that the network has no name for. */
  readonly addressOf: (id: ContactId) => string;
  /** Our part of the roster, where it could be read. */
  readonly items: ReadonlyMap<string, RosterItem> | undefined;
}

/** What has to be done so that the roster is as the network's list. Nothing, at most log-ins. */
export function rosterChanges(contacts: Iterable<KnownContact>, view: RosterView): RosterChanges {
  const changes: RosterChanges = { add: [], modify: [], remove: [], note: [], dismiss: [] };
  const missing: Writing[] = [];
  for (const contact of contacts) {
    const { id, entry, isListed, isDismissed } = contact;
    const item = view.items?.get(view.localOf(id));
    if (!isListed || isDismissed) {
      if (entry !== undefined) changes.remove.push({ id, entry });
      continue;
    }
    const name = contact.name === '' ? view.addressOf(id) : contact.name;
    const wanted: Wanted = { name, groups: contact.groups };
    if (entry === undefined) place(changes, addition(id, wanted, item), item);
    else if (entry.way === 'privilege' && view.items !== undefined && item === undefined) {
      missing.push({ act: 'add', id, wanted, item: wanted });
    } else if (entry.way !== 'subscription' && !isSame(entry, wanted)) {
      const next = withOwnChanges(wanted, entry, item);
      place(changes, { act: 'modify', id, wanted, item: next }, item);
    }
  }
  // A roster without any of several is one that was lost, not one that the user has cleared: of that we would have heard.
  if (missing.length > 1 && view.items?.size === 0) changes.add.push(...missing);
  else changes.dismiss.push(...missing.map(({ id }) => id));
  return changes;
}

function place(changes: RosterChanges, writing: Writing, item: RosterItem | undefined): void {
  const isThere = item?.subscription === 'both' && isSame(item, writing.item);
  changes[isThere ? 'note' : writing.act].push(writing);
}

/** Who is on the roster already keeps the name and the groups that the user gave. */
function addition(id: ContactId, wanted: Wanted, known: RosterItem | undefined): Writing {
  const item: Wanted = {
    name: known === undefined || known.name === '' ? wanted.name : known.name,
    groups: known === undefined || known.groups.length === 0 ? wanted.groups : known.groups,
  };
  return { act: 'add', id, wanted, item };
}

/** What the user has changed since we wrote it stays as she has it. */
function withOwnChanges(wanted: Wanted, written: Wanted, now: RosterItem | undefined): Wanted {
  if (now === undefined) return wanted;
  return {
    name: now.name === written.name ? wanted.name : now.name,
    groups: isSameGroups(now.groups, written.groups) ? wanted.groups : now.groups,
  };
}

function isSame(a: Wanted, b: Wanted): boolean {
  return a.name === b.name && isSameGroups(a.groups, b.groups);
}

function isSameGroups(a: readonly string[], b: readonly string[]): boolean {
  return isSameList([...a].sort(), [...b].sort());
}
