import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { leaveRooms } from './muc/leave.ts';
import { trouble } from './place.ts';

/** XEP-0100 §4.4-4.5: presence between a user and the gateway, her log-in and log-out. */
export function presence(): Feature {
  return {
    routes: [
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['gateway'],
        needs: 'allowed',
        handle: available,
      },
      { stanza: 'presence', types: ['unavailable'], targets: ['gateway'], handle: unavailable },
      {
        stanza: 'presence',
        types: ['probe'],
        targets: ['gateway', 'network', 'contact'],
        handle: ({ from, to }, session) => [presenceOf(session, to.local ?? '', from.full)],
      },
    ],
    events: {
      network: (session, { network, state, text }) => {
        if (state === 'online') session.outbox?.wake();
        if (state === 'online') session.onlineNetworks.add(network);
        else session.onlineNetworks.delete(network);
        const local = session.domain.localOf({ kind: 'network', id: network });
        if (!session.subscription(local).fromUser || state === 'connecting') return undefined;
        return [networkPresence(session, local, session.user.bare, state === 'online', text)];
      },
    },
  };
}

/** The first resource to come logs in; each is told that the gateway is there. */
function available({ from }: Context, session: UserSession): Output {
  if (!session.isRegistered && !session.subscription('').fromUser) return undefined;
  const isNew = !session.resources.has(from.full);
  if (isNew && session.resources.size >= session.domain.limits.resourcesPerUser) {
    throw trouble(session, 'resource-constraint', 'tooManyResources');
  }
  session.resources.set(from.full, {
    jid: from,
    show: 'online',
    status: undefined,
    priority: 0,
    caps: '',
    attachment: 0,
  });
  session.inbox?.isThere();
  if (!isNew) return undefined;
  if (session.isRegistered) session.network();
  return [presenceOf(session, '', from.full)];
}

/** The last resource to go logs out, unless it is still in a room. */
function unavailable({ from }: Context, session: UserSession): Output {
  const wasKnown = session.resources.delete(from.full);
  const stanzas = leaveRooms(session, from);
  if (wasKnown) {
    stanzas.push(
      xml('presence', NS_CLIENT, {
        from: session.domain.domain,
        to: from.full,
        type: 'unavailable',
      }),
    );
  }
  if (session.resources.size === 0 && session.rooms.size === 0 && !session.staysConnected)
    void session.link.close();
  return stanzas;
}

/**
 * The present presence of one of our JIDs as the user may see it (RFC 6121 §4.3.2). A contact is available while
 * it is seen in a room that the user is in; of others nothing is known, so nothing is claimed.
 */
export function presenceOf(session: UserSession, local: string, to: string): XmlElement {
  const { domain } = session.domain;
  const from = local === '' ? domain : `${local}@${domain}`;
  const isSelf = local === '';
  if (!session.subscription(local).fromUser && !(isSelf && session.isRegistered)) {
    return xml('presence', NS_CLIENT, { from, to, type: 'unsubscribed' });
  }
  const isAvailable = isSelf || isSeen(session, local);
  return xml('presence', NS_CLIENT, { from, to, type: isAvailable ? undefined : 'unavailable' });
}

function isSeen(session: UserSession, local: string): boolean {
  const address = session.domain.addressOf(local);
  if (address?.kind === 'network') return session.onlineNetworks.has(address.id);
  if (address?.kind !== 'contact') return false;
  for (const room of session.rooms.values()) {
    for (const member of room.members.values()) if (member.contact === address.id) return true;
  }
  return false;
}

function networkPresence(
  session: UserSession,
  local: string,
  to: string,
  isOnline: boolean,
  text: string | undefined,
): XmlElement {
  return xml(
    'presence',
    NS_CLIENT,
    {
      from: `${local}@${session.domain.domain}`,
      to,
      type: isOnline ? undefined : 'unavailable',
    },
    [text === undefined ? undefined : xml('status', NS_CLIENT, {}, [text])],
  );
}
