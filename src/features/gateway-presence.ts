import { NetworkError } from '../plugin/index.ts';
import { toStanzaError } from '../router/error-boundary.ts';
import type { Output } from '../session/mailbox.ts';
import type { NetworkState } from '../session/network-watch.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { capsElement } from './caps.ts';
import { contactFarewells } from './contact-presence.ts';
import { dismissals } from './muc/dismissal.ts';
import { rejoinRooms } from './muc/rejoin.ts';
import { presenceTexts } from './presence-texts.ts';
import { accountTexts } from './account/texts.ts';

/** XEP-0100 §4.4.1: the gateway is there, and says how it stands with the network behind it. */
export function gatewayPresence(session: UserSession, to: string): XmlElement {
  const { domain, watch, language } = session;
  const { state } = watch;
  const attributes = { from: domain.domain, to };
  const caps = capsElement(domain, 'gateway');
  if (state.is === 'fine') return xml('presence', NS_CLIENT, attributes, [caps]);
  const texts = presenceTexts(language);
  const text = state.is === 'away' ? texts.away(state.reason) : texts.signIn(state.reason);
  return xml('presence', NS_CLIENT, { ...attributes, 'xml:lang': language }, [
    xml('show', NS_CLIENT, {}, ['xa']),
    xml('status', NS_CLIENT, {}, [text]),
    caps,
  ]);
}

/** XEP-0100 §4.4.2: a log-in that fails, or a network that goes, is told once as an error, then as the gateway's presence. */
export function networkStateChanged(session: UserSession, state: NetworkState): Output {
  const stanzas: XmlElement[] = [];
  if (state.is !== 'fine') {
    session.contacts.forgetShows();
    stanzas.push(...contactFarewells(session));
    const condition = state.is === 'away' ? 'remote-server-timeout' : 'not-authorized';
    const error = new StanzaError(condition, state.reason, {
      language: session.language,
    }).toElement();
    const from = session.domain.domain;
    for (const to of session.resources.keys()) {
      stanzas.push(xml('presence', NS_CLIENT, { from, to, type: 'error' }, [error]));
    }
  }
  if (session.resources.size > 0) stanzas.push(gatewayPresence(session, session.user.bare));
  return stanzas;
}

/** The session with the network is lost as a whole: for a while, or because the account is refused. */
export function networkLost(session: UserSession, error: unknown, isFinal: boolean): Output {
  session.log.warn({ err: error }, 'the session with the network is lost');
  session.announced = undefined;
  const reason =
    error instanceof NetworkError
      ? error.message
      : toStanzaError(error, session.log, session.language).message;
  if (!isFinal) {
    session.watch.lost(reason);
    rejoinRooms(session);
    return undefined;
  }
  session.watch.refused(reason);
  return dismissals(session, accountTexts(session.language).refused);
}
