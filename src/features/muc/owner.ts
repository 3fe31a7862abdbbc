import type { Context } from '../../router/context.ts';
import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import { childOf } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_DATA_FORM, NS_MUC_OWNER } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { texts } from './texts.ts';

/** XEP-0045 §10.2, 10.9: what a room is like is decided on the network; clients that would like to set it up are told so. */
export function owner({ gateway }: GatewayDomain): Feature {
  if (!gateway.features.includes('join')) return {};
  const payload = { name: 'query', namespace: NS_MUC_OWNER };
  const route = { stanza: 'iq', payload, targets: ['room'] } as const;
  return {
    routes: [
      {
        ...route,
        type: 'get',
        handle: ({ language }: Context) => {
          throw new StanzaError('not-allowed', texts(language).notConfigurable, { language });
        },
      },
      {
        ...route,
        type: 'set',
        handle: ({ language }: Context, query: XmlElement) => {
          if (childOf(query, 'x', NS_DATA_FORM)?.attributes['type'] === 'cancel') return {};
          throw new StanzaError('not-allowed', texts(language).notConfigurable, { language });
        },
      },
    ],
  };
}
