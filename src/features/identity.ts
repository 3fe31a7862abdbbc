import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { gatewayNames } from './names.ts';

/**
 * Who we say we are (XEP-0030 §3.1, XEP-0100 §8). The gateway's own identity comes first: some clients look at
 * no other; the one of a room service stands beside it because rooms live on the same domain. What a room is, it says itself.
 */
export function identity({ gateway, type, name }: GatewayDomain): Feature {
  const hasRooms = gateway.features.includes('join');
  const rooms = hasRooms ? [{ category: 'conference', type, name }] : [];
  const person = [{ category: 'account', type: 'registered' }];
  return {
    identities: {
      gateway: [
        { category: 'gateway', type, named: (language) => gatewayNames(language).gateway(name) },
        ...rooms,
      ],
      network: [{ category: 'conference', type }],
      occupant: person,
      contact: person,
    },
  };
}
