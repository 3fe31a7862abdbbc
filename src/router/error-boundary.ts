import type { Logger } from 'pino';
import { NetworkError } from '../plugin/index.ts';
import type { Language } from '../plugin/index.ts';
import { stanzaErrorOf } from '../session/network-trouble.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

/**
 * What a peer is told of an error. Only our own words leave the house; a bug is logged and called an internal error.
 * @param language is the one that the gateway was told to speak.
 */
export function toStanzaError(error: unknown, log: Logger, language: Language): StanzaError {
  if (error instanceof StanzaError) return error;
  if (error instanceof NetworkError) return stanzaErrorOf(error, language);
  log.error({ err: error }, 'a handler failed');
  return new StanzaError('internal-server-error');
}
