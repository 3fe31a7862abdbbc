import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_MUC } from '../../xmpp/namespaces.ts';
import type { StanzaError } from '../../xmpp/stanza-error.ts';

/** XEP-0045 §7.2: what those get who wait to be let in, and will not be. */
export function refusals({ domain }: UserSession, room: Room, error: StanzaError): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const { jid, nick } of room.takeJoiners()) {
    const from = domain.occupantJid(room.jid, nick);
    const attributes = { from, to: jid.full, type: 'error' };
    stanzas.push(xml('presence', NS_CLIENT, attributes, [xml('x', NS_MUC), error.toElement()]));
  }
  return stanzas;
}
