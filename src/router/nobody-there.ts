import { unescapeLocal } from '../xmpp/jid-escaping.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import type { Context } from './context.ts';
import { routerTexts } from './router-texts.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * What is said of a local part that no address of the network can have. Clients without XEP-0100 §6.3 let people write
 * addresses as they say them: whoever does is told how it is written here.
 */
export function nobodyThere(
  { domain, sessions }: Pick<Surroundings, 'domain' | 'sessions'>,
  { from, language, to }: Context,
): StanzaError {
  const typed = unescapeLocal(to.local ?? '');
  const meant = domain.gateway.addresses.typed(typed, sessions.find(from)?.account);
  const words = routerTexts(language);
  const text =
    meant === undefined ? words.nobody : `${words.nobody} ${words.meant(domain.jidOf(meant))}`;
  return new StanzaError('item-not-found', text, { language });
}
