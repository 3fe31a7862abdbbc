import type { Context } from '../../router/context.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_MUC, NS_MUC_USER } from '../../xmpp/namespaces.ts';
import type { StanzaError } from '../../xmpp/stanza-error.ts';
import { STATUS } from './occupant-presence.ts';
import { texts } from './texts.ts';

/** XEP-0045 §7.2: what those get who wait to be let in, and will not be. */
export function refusals({ domain }: UserSession, room: Room, error: StanzaError): XmlElement[] {
  const stanzas: XmlElement[] = [];
  for (const { jid, nick, id } of room.takeJoiners()) {
    const from = domain.occupantJid(room.jid, nick);
    const attributes = { from, to: jid.full, id, type: 'error' };
    stanzas.push(xml('presence', NS_CLIENT, attributes, [xml('x', NS_MUC), error.toElement()]));
  }
  return stanzas;
}

/**
 * XEP-0045 §7.2.17: a client that shows itself to a room believes to be in it, as before a restart of the gateway for instance.
 * It is told that it is not, so that it comes in again.
 */
export function stranger({ from, to, language }: Context): XmlElement {
  const gone = { from: to.full, to: from.full, type: 'unavailable', 'xml:lang': language };
  const codes = [STATUS.self, STATUS.kicked, STATUS.error];
  return xml('presence', NS_CLIENT, gone, [
    xml('x', NS_MUC_USER, {}, [
      xml('item', NS_MUC_USER, { affiliation: 'none', role: 'none' }, [
        xml('reason', NS_MUC_USER, {}, [texts(language).notInRoom]),
      ]),
      ...codes.map((code) => xml('status', NS_MUC_USER, { code })),
    ]),
  ]);
}
