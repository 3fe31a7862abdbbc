import type { Address } from '../plugin/index.ts';
import type { UserSession } from '../session/user-session.ts';
import { parseJid } from '../xmpp/jid.ts';

/** The address that a person wrote; that of a contact as she has seen it here will do, too. */
export function writtenAddress(
  { domain, account }: Pick<UserSession, 'domain' | 'account'>,
  text: string,
): Address | undefined {
  const jid = parseJid(text.replace(/^xmpp:/i, ''));
  const isHere = jid?.domain === domain.domain && jid.local !== undefined;
  const known = isHere ? domain.addressOf(jid.local) : undefined;
  return known ?? domain.gateway.addresses.typed(text, account);
}
