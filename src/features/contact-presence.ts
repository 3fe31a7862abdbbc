import type { ContactId, Show } from '../plugin/index.ts';
import { BOT } from '../session/bot.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { avatarUpdate } from './avatars.ts';
import { capsElement } from './caps.ts';

/**
 * The resource that contacts are seen with. XEP-0100 §5.3.1 would rather have none, but clients look up what a contact can
 * do by the full JID of its presence (XEP-0115), and some take no notice of a presence without a resource at all.
 */
export const RESOURCE = 'causeway';

const OFFLINE = 'offline';

/** A contact as it is now. What is sent is noted as what the user knows. */
export function contactPresence(session: UserSession, id: ContactId, to: string): XmlElement {
  const local = session.domain.localOf({ kind: 'contact', id });
  session.shown.set(local, knowledgeOf(session, id));
  return contactStanza(session, id, local, to);
}

/** What the user has to be told now that something about a contact has changed: nothing unless she would see it. */
export function contactChange(session: UserSession, id: ContactId): Output {
  const local = session.domain.localOf({ kind: 'contact', id });
  if (!session.subscriptions.of(local).fromUser || !isHeard(session)) return undefined;
  const known = session.shown.get(local) ?? OFFLINE;
  if (knowledgeOf(session, id) === known) return undefined;
  return [contactPresence(session, id, session.user.bare)];
}

/**
 * Everything about contacts and networks, for a user who was there while we were away: what we said last may have been
 * lost with the stream. What she was not shown as available before need not be said to be unavailable, if we know that.
 */
export function allPresences(
  session: UserSession,
  presenceOf: (local: string) => XmlElement,
): XmlElement[] {
  const isKnown = session.shown.size > 0;
  const stanzas: XmlElement[] = [];
  for (const [local, { fromUser }] of session.subscriptions) {
    if (local === '' || local === BOT || !fromUser) continue;
    const wasOffline = isKnown && (session.shown.get(local) ?? OFFLINE) === OFFLINE;
    const presence = presenceOf(local);
    if (!wasOffline || session.shown.get(local) !== OFFLINE) stanzas.push(presence);
  }
  return stanzas;
}

/** Unavailable for all that was shown as available (XEP-0100 §4.3, 4.5, 8). */
export function contactFarewells(session: UserSession, reason?: string): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const [local, known] of session.shown) {
    if (known === OFFLINE) continue;
    const from = fullJid(session, local);
    const gone = { from, to: session.user.bare, type: 'unavailable' };
    stanzas.push(
      reason === undefined
        ? xml('presence', NS_CLIENT, gone)
        : xml('presence', NS_CLIENT, { ...gone, 'xml:lang': session.language }, [
            xml('status', NS_CLIENT, {}, [reason]),
          ]),
    );
  }
  session.shown.clear();
  return stanzas;
}

/** Notes that the user sees one of our addresses that is no contact as available, or not. */
export function noteShown(session: UserSession, local: string, isAvailable: boolean): void {
  session.shown.set(local, isAvailable ? 'online' : OFFLINE);
}

/** The user no longer sees a contact. */
export function contactGone(session: UserSession, local: string): XmlElement {
  session.shown.delete(local);
  const from = fullJid(session, local);
  return xml('presence', NS_CLIENT, { from, to: session.user.bare, type: 'unavailable' });
}

/** Somebody of hers is there to be told; where she does not show herself to us, she may be. */
function isHeard(session: UserSession): boolean {
  return session.resources.size > 0 || !session.subscriptions.of('').toUser;
}

function fullJid({ domain }: UserSession, local: string): string {
  const jid = `${local}@${domain.domain}`;
  return domain.addressOf(local)?.kind === 'contact' ? `${jid}/${RESOURCE}` : jid;
}

/**
 * Where the network tells nothing of presence, a contact is available while it is seen in a room that the user is in;
 * of others nothing is known, so nothing is claimed.
 */
function showOf(session: UserSession, id: ContactId): Show {
  const show = session.contacts.get(id)?.show;
  if (show !== undefined) return show;
  for (const { members } of session.rooms.values()) if (members.hasContact(id)) return 'online';
  return OFFLINE;
}

function knowledgeOf(session: UserSession, id: ContactId): string {
  const show = showOf(session, id);
  if (show === OFFLINE) return OFFLINE;
  const contact = session.contacts.get(id);
  return `${show}\n${contact?.avatarHash ?? ''}\n${contact?.status ?? ''}`;
}

/** RFC 6121 §4.7, with caps and the avatar's hash (XEP-0115, XEP-0153 §4.1). */
function contactStanza(session: UserSession, id: ContactId, local: string, to: string): XmlElement {
  const show = showOf(session, id);
  const contact = session.contacts.get(id);
  const isAvailable = show !== OFFLINE;
  const from = fullJid(session, local);
  return xml('presence', NS_CLIENT, { from, to, type: isAvailable ? undefined : 'unavailable' }, [
    isAvailable && show !== 'online' ? xml('show', NS_CLIENT, {}, [show]) : undefined,
    contact?.status === undefined ? undefined : xml('status', NS_CLIENT, {}, [contact.status]),
    isAvailable ? capsElement(session.domain, 'contact') : undefined,
    avatarUpdate(contact?.avatarHash),
  ]);
}
