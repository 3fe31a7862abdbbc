import type { Feature } from '../router/feature.ts';
import { NS_PUBSUB } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

/**
 * XEP-0060: nobody here publishes anything but contacts their avatars (avatars.ts). Clients ask everybody for the devices of
 * OMEMO (XEP-0384); `item-not-found` at once tells them that there are none, and they write in clear.
 */
export function pubsub(): Feature {
  return {
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'pubsub', namespace: NS_PUBSUB },
        targets: ['gateway', 'bot', 'network', 'room', 'occupant'],
        handle: () => {
          throw new StanzaError('item-not-found');
        },
      },
    ],
  };
}
