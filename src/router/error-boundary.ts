import type { Logger } from 'pino';
import { NetworkError } from '../plugin/index.ts';
import { stanzaErrorOf } from '../session/network-trouble.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

/** What a peer is told of an error. Only our own words leave the house; a bug is logged and called an internal error. */
export function toStanzaError(error: unknown, log: Logger): StanzaError {
  if (error instanceof StanzaError) return error;
  if (error instanceof NetworkError) return stanzaErrorOf(error);
  log.error({ err: error }, 'a handler failed');
  return new StanzaError('internal-server-error');
}
