import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { xml } from '../xml/element.ts';
import { NS_VERSION } from '../xmpp/namespaces.ts';

/** XEP-0092. The operating system is nobody's business. */
export function version(domain: GatewayDomain): Feature {
  const namespaces = [NS_VERSION];
  return {
    namespaces: { gateway: namespaces, bot: namespaces, network: namespaces, room: namespaces },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_VERSION },
        targets: ['gateway', 'bot', 'network', 'room'],
        handle: () => ({
          payload: xml('query', NS_VERSION, {}, [
            xml('name', NS_VERSION, {}, ['Causeway']),
            xml('version', NS_VERSION, {}, [domain.version]),
          ]),
        }),
      },
    ],
  };
}
