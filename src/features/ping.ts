import type { Feature } from '../router/feature.ts';
import { memberAt } from '../session/member-at.ts';
import type { Sessions } from '../session/sessions.ts';
import { NS_PING } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { texts } from './muc/texts.ts';

/** XEP-0199 on every address, and XEP-0410: a ping of one's own place in a room tells whether one is still in. */
export function ping(sessions: Sessions): Feature {
  const namespaces = [NS_PING];
  return {
    namespaces: {
      gateway: namespaces,
      bot: namespaces,
      network: namespaces,
      room: namespaces,
      occupant: namespaces,
      contact: namespaces,
    },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'ping', namespace: NS_PING },
        targets: ['gateway', 'bot', 'network', 'room', 'contact'],
        handle: () => ({}),
      },
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'ping', namespace: NS_PING },
        targets: ['occupant'],
        handle: ({ target, from, language }) => {
          if (target.kind !== 'occupant') return {};
          const session = sessions.find(from);
          const room = session?.rooms.get(target.id);
          if (session === undefined || room === undefined || !room.resources.has(from.full)) {
            const { notInRoom } = texts(language);
            throw new StanzaError('not-acceptable', notInRoom, { type: 'cancel', language });
          }
          if (memberAt(session.domain, room, target.nick) === undefined)
            throw new StanzaError('item-not-found');
          return {};
        },
      },
    ],
  };
}
