import type { UserSession } from '../session/user-session.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { messageTexts } from './message-texts.ts';

/**
 * XEP-0380: what is encrypted for a Jabber client (OMEMO, OpenPGP, OTR) means nothing to a network, and the text beside it
 * only says that it is encrypted. It is never sent; the user learns what to switch off.
 */
export function undecipherable({ language }: UserSession, how: string): StanzaError {
  const text = messageTexts(language).encrypted(how);
  return new StanzaError('not-acceptable', text, { type: 'modify', language });
}
