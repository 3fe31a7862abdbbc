import { BOT } from '../session/bot.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { contactFarewells } from './contact-presence.ts';
import { dismissals } from './muc/dismissal.ts';

/**
 * XEP-0100 §4.3, §8: says unavailable for everything that the user may have seen available, the gateway last, and
 * takes her out of all rooms.
 */
export function farewells(session: UserSession, reason: string): XmlElement[] {
  const { domain } = session.domain;
  const stanzas = dismissals(session, reason);
  const unavailable = (from: string): XmlElement =>
    xml(
      'presence',
      NS_CLIENT,
      { from, to: session.user.bare, type: 'unavailable', 'xml:lang': session.language },
      [xml('status', NS_CLIENT, {}, [reason])],
    );
  stanzas.push(...contactFarewells(session, reason));
  if (session.subscriptions.of(BOT).fromUser) stanzas.push(unavailable(`${BOT}@${domain}`));
  if (session.isRegistered || session.subscriptions.has('')) stanzas.push(unavailable(domain));
  return stanzas;
}
