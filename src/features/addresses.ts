import type { Address, Content, Recipient } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import type { AddressPart } from '../xmpp/message-parts.ts';
import { NS_ADDRESS } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { messageTexts } from './message-texts.ts';
import { can, offered, trouble } from './place.ts';
import type { Place } from './place.ts';

const MAX_RECIPIENTS = 50;
const ROLES: ReadonlySet<string> = new Set<Recipient['role']>(['to', 'cc', 'bcc']);

/** XEP-0033: a message for several people. What is sent to the gateway itself: see `multicast`. */
export function addresses(domain: GatewayDomain): Feature {
  return offered(domain, 'also', [NS_ADDRESS], ['contact']);
}

/**
 * Who else gets what the user says.
 * @throws StanzaError when the network has no such thing, or somebody is not to be reached by it: nobody is left out in silence
 */
export function withRecipients({ session, to, parts }: Place, content: Content): Content {
  const also: Recipient[] = [];
  const known = new Set([to.id]);
  for (const part of parts.addresses) {
    if (!isRole(part.type) || part.isDelivered) continue;
    const address = addressIn(session, part);
    if (address?.kind !== 'contact') {
      throw strangeRecipient(session, part);
    }
    if (known.has(address.id)) continue;
    known.add(address.id);
    const name = part.name === undefined ? {} : { name: part.name };
    also.push({ contact: address.id, role: part.type, ...name });
  }
  if (also.length === 0) return content;
  if (!can(session, 'also')) throw trouble(session, 'feature-not-implemented', 'noRecipients');
  if (also.length > MAX_RECIPIENTS) throw new StanzaError('policy-violation');
  return { ...content, also };
}

/** Whom a message from the network went to, too. They have it already (XEP-0033 §4.5). */
export function addressesElement(
  { domain }: { readonly domain: GatewayDomain },
  also: readonly Recipient[],
): XmlElement {
  return xml(
    'addresses',
    NS_ADDRESS,
    {},
    also
      .slice(0, MAX_RECIPIENTS)
      .filter(({ role }) => role !== 'bcc')
      .map(({ contact, role, name }) =>
        xml('address', NS_ADDRESS, {
          type: role,
          jid: domain.jidOf({ kind: 'contact', id: contact }),
          desc: name,
          delivered: 'true',
        }),
      ),
  );
}

export function strangeRecipient(
  { language }: Place['session'],
  { jid, uri = '?' }: AddressPart,
): StanzaError {
  const text = messageTexts(language).strangeRecipient(jid ?? uri);
  return new StanzaError('item-not-found', text, { language });
}

function isRole(type: string): type is Recipient['role'] {
  return ROLES.has(type);
}

/** A JID of ours, or what the network itself writes: `sms:+15005550006`, `mailto:romeo@example.org`. */
export function addressIn(
  { domain, account }: Place['session'],
  { jid, uri }: AddressPart,
): Address | undefined {
  if (jid !== undefined) {
    const parsed = parseJid(jid);
    if (parsed?.domain !== domain.domain || parsed.local === undefined) return undefined;
    return domain.addressOf(parsed.local);
  }
  const text = uri?.replace(/^[a-z][a-z0-9+.-]*:/i, '') ?? '';
  return text === '' ? undefined : domain.gateway.addresses.typed(decoded(text), account);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
