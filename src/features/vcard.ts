import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { xml } from '../xml/element.ts';
import { NS_VCARD } from '../xmpp/namespaces.ts';

/** XEP-0054: a card with the name alone, so that no client waits for one. */
export function vcard(domain: GatewayDomain): Feature {
  return {
    namespaces: { gateway: [NS_VCARD], bot: [NS_VCARD], contact: [NS_VCARD], occupant: [NS_VCARD] },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'vCard', namespace: NS_VCARD },
        targets: ['gateway', 'bot', 'contact', 'occupant'],
        handle: (context) => ({
          payload: xml('vCard', NS_VCARD, {}, [xml('FN', NS_VCARD, {}, [nameOf(domain, context)])]),
        }),
      },
    ],
  };
}

function nameOf(domain: GatewayDomain, { target }: Context): string {
  if (target.kind === 'occupant') return target.nick;
  if (target.kind === 'contact') return domain.gateway.addresses.format(target);
  return `${domain.name} gateway`;
}
