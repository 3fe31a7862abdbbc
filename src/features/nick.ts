import type { ContactId } from '../plugin/index.ts';
import type { Resource } from '../session/resource.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_NICK, NS_PUBSUB_EVENT } from '../xmpp/namespaces.ts';
import { newStanzaId } from '../xmpp/stanza.ts';
import type { ClientFeatures } from './client-features.ts';

/** XEP-0163 §3: what a client has among its features that wants to be told. */
const WANTED = `${NS_NICK}+notify`;
const MAX_TOLD = 500;

/** XEP-0172 §4.2-4.3: how somebody who asks for a subscription, or writes to a stranger, calls herself. */
export function nickElement(name: string | undefined): XmlElement | undefined {
  return name === undefined || name === '' ? undefined : xml('nick', NS_NICK, {}, [name]);
}

/**
 * XEP-0172 §4.1: tells clients that take names by PEP what contacts are called, once for each name while they are there. Some, Gajim for
 * one, show the local part of a JID otherwise until the contact is on the list.
 */
export class Nicknames {
  readonly #clients: ClientFeatures;
  /** What each client was told while it is there. */
  readonly #told = new WeakMap<Resource['stay'], Map<ContactId, string>>();

  constructor(clients: ClientFeatures) {
    this.#clients = clients;
  }

  tell(session: UserSession, contact: ContactId, name: string): void {
    for (const resource of session.resources.values()) {
      if (!this.#isNews(resource, contact, name)) continue;
      this.#clients.of(resource).then(
        (features) => {
          if (!features.has(WANTED)) return;
          session.mailbox.post(() => [nickEvent(session, contact, resource, name)]);
        },
        (error: unknown) => session.log.error({ err: error }, 'a name was not told'),
      );
    }
  }

  #isNews({ stay }: Resource, contact: ContactId, name: string): boolean {
    const told = this.#told.get(stay) ?? new Map<ContactId, string>();
    if (told.get(contact) === name) return false;
    if (told.size >= MAX_TOLD) told.clear();
    this.#told.set(stay, told.set(contact, name));
    return true;
  }
}

function nickEvent(
  { domain }: UserSession,
  id: ContactId,
  { jid: { full: to } }: Resource,
  name: string,
): XmlElement {
  const from = domain.jidOf({ kind: 'contact', id });
  return xml('message', NS_CLIENT, { from, to, type: 'headline', id: newStanzaId() }, [
    xml('event', NS_PUBSUB_EVENT, {}, [
      xml('items', NS_PUBSUB_EVENT, { node: NS_NICK }, [
        xml('item', NS_PUBSUB_EVENT, { id: 'current' }, [nickElement(name)]),
      ]),
    ]),
  ]);
}
