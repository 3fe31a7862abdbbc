import type {
  ContactAsksEvent,
  ContactEvent,
  ContactId,
  ContactListEvent,
  ContactRemovedEvent,
} from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import type { XmlElement } from '../xml/element.ts';
import { takeAvatar } from './avatars.ts';
import { contactChange } from './contact-presence.ts';
import type { RosterWriter } from './roster/writer.ts';
import { accepted, asking, parted, refusedByNetwork } from './subscription.ts';

/** What the network tells of the people that the user knows (XEP-0100 §4.4, 4.6, 5.1, 5.2). */
export function contacts(roster: RosterWriter): Feature {
  return {
    events: {
      contact: (session, event) => seen(session, event, roster),
      'contact-list': (session, event) => listed(session, event, roster),
      'contact-removed': removed,
      'contact-asks': asked,
    },
    unregistering: (session) => roster.clear(session),
  };
}

function seen(session: UserSession, { contact }: ContactEvent, roster: RosterWriter): Output {
  const before = session.contacts.get(contact.id);
  const { id, isListed, name } = session.contacts.take(contact);
  if (contact.name !== undefined) session.cards.forget(id);
  if (isListed && name !== before?.name) roster.changed(session);
  if (contact.avatar !== undefined) keepAvatar(session, id, contact.avatar);
  if (session.adding.has(id)) return approved(session, id);
  return contactChange(session, id);
}

/** A list says who is on it; who is not on it any more, only if it is complete, and not when nobody is left. */
function listed(session: UserSession, event: ContactListEvent, roster: RosterWriter): Output {
  const stanzas: XmlElement[] = [];
  const present = new Set<ContactId>();
  for (const contact of event.contacts) {
    present.add(contact.id);
    session.contacts.take(contact, { isListed: true });
    if (contact.avatar !== undefined) keepAvatar(session, contact.id, contact.avatar);
    const output = session.adding.has(contact.id)
      ? approved(session, contact.id)
      : contactChange(session, contact.id);
    stanzas.push(...(output ?? []));
  }
  if (event.isComplete && present.size > 0) {
    for (const { id, isListed } of session.contacts.all()) {
      if (isListed && !present.has(id)) session.contacts.change(id, { isListed: false });
    }
  }
  session.saveContacts();
  roster.changed(session);
  return stanzas;
}

/** The network has said yes to a contact that the user wants. */
function approved(session: UserSession, id: ContactId): undefined {
  session.adding.delete(id);
  session.contacts.change(id, { isListed: true });
  session.mailbox.post(() => accepted(session, id));
}

/** XEP-0100 §4.6.2, 5.2. */
function removed(session: UserSession, { contact: id }: ContactRemovedEvent): undefined {
  const wasAdding = session.adding.delete(id);
  session.mailbox.post(() => (wasAdding ? refusedByNetwork(session, id) : parted(session, id)));
}

/** XEP-0100 §5.1. */
function asked(session: UserSession, event: ContactAsksEvent): undefined {
  session.mailbox.post(() => asking(session, event));
}

function keepAvatar(
  session: UserSession,
  id: ContactId,
  avatar: NonNullable<ContactEvent['contact']['avatar']>,
): void {
  session.mailbox.post(() => takeAvatar(session, id, avatar, () => contactChange(session, id)));
}
