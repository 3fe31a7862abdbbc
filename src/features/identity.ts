import type { Gateway } from '../plugin/index.ts';
import type { Feature, Identity } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { gatewayNames } from './names.ts';

/** Clients show a telephone for `client/sms`: what is written to such a contact goes out as a text (XMPP registrar). */
const CONTACTS: Readonly<Record<NonNullable<Gateway['contactIdentity']>, Identity>> = {
  account: { category: 'account', type: 'registered' },
  phone: { category: 'client', type: 'sms' },
};

/**
 * Who we say we are (XEP-0030 §3.1, XEP-0100 §8). The gateway's own identity comes first: some clients look at
 * no other; the one of a room service stands beside it because rooms live on the same domain. What a room is, it says itself.
 */
export function identity({ gateway, type, name }: GatewayDomain): Feature {
  const hasRooms = gateway.features.includes('join');
  const rooms = hasRooms ? [{ category: 'conference', type, name }] : [];
  return {
    identities: {
      gateway: [
        { category: 'gateway', type, named: (language) => gatewayNames(language).gateway(name) },
        ...rooms,
      ],
      network: [{ category: 'conference', type }],
      occupant: [CONTACTS.account],
      contact: [CONTACTS[gateway.contactIdentity ?? 'account']],
    },
  };
}
