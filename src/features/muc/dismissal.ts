import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement } from '../../xml/element.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { inLanguage } from '../../xmpp/stanza.ts';
import { ownMember, STATUS, toAllResources } from './occupant-presence.ts';
import { refusals } from './refusal.ts';

/** XEP-0045 §9.9: the service takes the user out of all rooms, without leaving them on the network by itself. */
export function dismissals(session: UserSession, reason: string): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const room of session.rooms.values()) {
    const statuses = [STATUS.self, STATUS.shutdown];
    const gone = { status: reason };
    const leaving = { member: ownMember(room), statuses, gone };
    for (const stanza of toAllResources(session.domain, room, leaving)) {
      stanzas.push(inLanguage(stanza, session.language));
    }
    const { language } = session;
    const error = new StanzaError('service-unavailable', reason, { language });
    stanzas.push(...refusals(session, room, error));
  }
  session.rooms.clear();
  session.whispers.clear();
  return stanzas;
}
