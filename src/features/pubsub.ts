import type { Feature } from '../router/feature.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

const NS_PUBSUB = 'http://jabber.org/protocol/pubsub';

/**
 * XEP-0060: nobody here publishes anything. Clients ask every new contact for the devices of OMEMO (XEP-0384) and
 * for avatars; `item-not-found` at once tells them that there are none, and they write in clear.
 */
export function pubsub(): Feature {
  return {
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'pubsub', namespace: NS_PUBSUB },
        targets: ['gateway', 'bot', 'network', 'room', 'occupant', 'contact'],
        handle: () => {
          throw new StanzaError('item-not-found');
        },
      },
    ],
  };
}
