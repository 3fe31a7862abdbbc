import { decodeItem } from '../delivery/outgoing-item.ts';
import type { UndeliveredEvent } from '../delivery/stored-event.ts';
import { contactId, NetworkError } from '../plugin/index.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { messageTexts } from './message-texts.ts';
import { refusal, trouble } from './place.ts';

/** A stored message was given up, or some of its recipients were refused: its sender gets an error with its id. */
export async function undelivered(session: UserSession, event: UndeliveredEvent): Promise<Output> {
  const stanza = await sentStanza(session, event.key);
  return stanza === undefined ? undefined : failure(session, stanza, reasonOf(session, event));
}

/** Tells the client that sent it or, when that is gone, those that are there: servers drop errors for others. */
export function failure(session: UserSession, stanza: XmlElement, error: unknown): Output {
  const { resources } = session;
  const sender = stanza.attributes['from'] ?? '';
  const errors = refusal(session, stanza, error);
  if (errors === undefined || resources.size === 0 || resources.has(sender)) return errors;
  return [...resources.keys()].flatMap((to) =>
    errors.map((each) => ({ ...each, attributes: { ...each.attributes, to } })),
  );
}

/** The head of the stanza that a stored message came in. */
export async function sentStanza(
  { domain, user }: UserSession,
  key: string,
): Promise<XmlElement | undefined> {
  if (domain.gateway.delivery !== 'stored') return undefined;
  const place = { gateway: domain.domain, user: user.bare };
  const row = await domain.store.outbox.byKey(place, key);
  if (row === undefined) return undefined;
  const { stanza } = decodeItem(row.content, domain.files);
  return xml('message', NS_CLIENT, { ...stanza });
}

function reasonOf(session: UserSession, { reason, text, refused }: UndeliveredEvent): Error {
  if (reason === 'expired') return trouble(session, 'remote-server-timeout', 'expired');
  if (reason === 'defect') return trouble(session, 'internal-server-error', 'defect');
  if (refused === undefined) return new NetworkError(reason, text);
  const words = messageTexts(session.language);
  const lines = refused.map(({ contact, text: why }) => {
    const name = session.domain.gateway.addresses.format({
      kind: 'contact',
      id: contactId(contact),
    });
    return words.refused(name, why);
  });
  return refused.length > 0
    ? new NetworkError(reason, lines.join('\n'))
    : new StanzaError('undefined-condition');
}
