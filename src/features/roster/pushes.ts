import type { Feature } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Sessions } from '../../session/sessions.ts';
import { NS_ROSTER } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { ownItems } from './privileged.ts';

/**
 * XEP-0356 §4.4: the server tells of changes to a user's roster. They are noted and never answered with a change: what
 * we wrote comes back in the same way.
 */
export function rosterPushes(domain: GatewayDomain, sessions: Sessions): Feature {
  return {
    routes: [
      {
        stanza: 'iq',
        type: 'set',
        payload: { name: 'query', namespace: NS_ROSTER },
        targets: ['gateway'],
        handle: ({ from }, query) => {
          // RFC 6121 §2.1.6: a push is from the account itself, and nothing but its server may say so.
          const isAccount = from.resource === undefined && from.local !== undefined;
          const privileges = domain.privileges.of(from.domain);
          if (!isAccount || privileges?.pushesRosters !== true) {
            throw new StanzaError('service-unavailable');
          }
          const session = sessions.find(from);
          session?.mailbox.post(() => {
            for (const [local, item] of ownItems(domain, query))
              session.roster.changed(local, item);
            return undefined;
          });
          return {};
        },
      },
    ],
  };
}
