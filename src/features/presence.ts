import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { capsElement } from './caps.ts';
import { allPresences, contactFarewells, contactPresence, noteShown } from './contact-presence.ts';
import { gatewayPresence } from './gateway-presence.ts';
import { leaveRooms } from './muc/leave.ts';
import { trouble } from './place.ts';
import type { RosterWriter } from './roster/writer.ts';
import { announce, hear } from './user-presence.ts';

/** XEP-0100 §4.4-4.5: the presence of a user, her log-in and log-out; and ours, where she asks for it. */
export function presence(roster: RosterWriter): Feature {
  const available = (session: UserSession, from: Jid, stanza: XmlElement): Output =>
    cameOrChanged(session, roster, { from, stanza });
  return {
    routes: [
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['gateway'],
        needs: 'allowed',
        handle: ({ from, stanza }, session) => available(session, from, stanza),
      },
      {
        stanza: 'presence',
        types: ['available'],
        targets: ['network', 'contact', 'bot'],
        needs: 'allowed',
        handle: ({ from, stanza }, session) =>
          isToldAnyway(session, from) || !session.isRegistered
            ? undefined
            : available(session, from, stanza),
      },
      { stanza: 'presence', types: ['unavailable'], targets: ['gateway'], handle: unavailable },
      {
        stanza: 'presence',
        types: ['unavailable'],
        targets: ['network', 'contact', 'bot'],
        handle: (context, session) =>
          session.subscriptions.of('').toUser ? undefined : unavailable(context, session),
      },
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
        if (network === undefined) return undefined;
        if (state === 'online') session.onlineNetworks.add(network);
        else session.onlineNetworks.delete(network);
        const local = session.domain.localOf({ kind: 'network', id: network });
        if (!session.subscriptions.of(local).fromUser || state === 'connecting') return undefined;
        return [networkPresence(session, local, session.user.bare, text)];
      },
    },
  };
}

/**
 * A log-in brings a user's presence to each contact on her roster, from each of her resources. All of it says the same as
 * what the gateway itself is sent, if she shows herself to it, and is done with at one look.
 */
function isToldAnyway(session: UserSession, { full }: Jid): boolean {
  if (!session.subscriptions.of('').toUser) return false;
  const { attachment } = session.domain;
  return session.resources.get(full)?.attachment === attachment.number;
}

/** The first resource to come logs in; each is told that the gateway is there. */
function cameOrChanged(
  session: UserSession,
  roster: RosterWriter,
  { from, stanza }: { readonly from: Jid; readonly stanza: XmlElement },
): Output {
  const { domain } = session;
  if (!session.isRegistered && !session.subscriptions.of('').fromUser) return undefined;
  const isNew = !session.resources.has(from.full);
  if (isNew && session.resources.size >= domain.limits.resourcesPerUser) {
    throw trouble(session, 'resource-constraint', 'tooManyResources');
  }
  const isKnown = hear(session, from, stanza);
  session.heard();
  if (isKnown) return undefined;
  if (session.isRegistered) {
    // What her roster was changed to while she was away is to be looked up.
    if (session.resources.size === 1) session.roster.forget();
    session.network();
    roster.changed(session);
  }
  announce(session);
  const stanzas = [gatewayPresence(session, from.full)];
  if (domain.attachment.isAwaited(session.user.bare)) {
    // She has been there all along, so that her server will not ask us for the presence of her contacts.
    domain.attachment.answered(session.user.bare);
    stanzas.push(
      ...allPresences(session, (local) => presenceOf(session, local, session.user.bare)),
    );
  }
  return stanzas;
}

/** The last resource to go logs out, unless it is still in a room. */
function unavailable({ from }: Context, session: UserSession): Output {
  const { domain } = session;
  domain.attachment.answered(session.user.bare);
  // A bare JID says of nobody that she is there: the answer to a probe (RFC 6121 §4.3.2).
  if (from.resource === undefined) return dropUnheard(session);
  return clientGone(session, from);
}

/** One client of hers is no longer there, or is to be no longer. */
export function clientGone(session: UserSession, client: Jid): XmlElement[] {
  const { domain } = session;
  const wasKnown = session.resources.delete(client.full);
  const stanzas = leaveRooms(session, client);
  if (wasKnown && session.resources.size === 0) stanzas.push(...loggedOut(session));
  else {
    announce(session);
    closeIfUnused(session);
  }
  if (wasKnown) {
    stanzas.push(
      xml('presence', NS_CLIENT, { from: domain.domain, to: client.full, type: 'unavailable' }),
    );
  }
  return stanzas;
}

/**
 * Lets go of the resources that were not heard of since the stream was attached. Where we see her presence, a probe is
 * answered for each that is there (RFC 6121 §4.3.2), so that these are not in their rooms either.
 */
export function dropUnheard(session: UserSession): Output {
  const before = session.resources.size;
  const isSeen = session.subscriptions.of('').toUser;
  for (const [full, { jid, attachment }] of session.resources) {
    if (attachment === session.domain.attachment.number) continue;
    session.resources.delete(full);
    // Nobody is there to be told.
    if (isSeen) leaveRooms(session, jid);
  }
  if (session.resources.size === before) return undefined;
  if (session.resources.size === 0) return loggedOut(session);
  announce(session);
  return undefined;
}

/** Nobody of hers is there any more. Who stays on the network all the same is shown there as offline, and sees her contacts stay. */
function loggedOut(session: UserSession): XmlElement[] {
  session.isHeard = false;
  if (session.rooms.size > 0 || session.staysConnected) {
    announce(session);
    session.shown.clear();
    return [];
  }
  void session.link.close();
  return contactFarewells(session);
}

function closeIfUnused(session: UserSession): void {
  const isUsed = session.resources.size > 0 || session.rooms.size > 0 || session.staysConnected;
  if (!isUsed) void session.link.close();
}

/** The present presence of one of our JIDs as the user may see it (RFC 6121 §4.3.2). */
export function presenceOf(session: UserSession, local: string, to: string): XmlElement {
  const { domain } = session;
  if (local === '') {
    const isSeen = session.isRegistered || session.subscriptions.of('').fromUser;
    if (isSeen) return gatewayPresence(session, to);
  } else if (session.subscriptions.of(local).fromUser) {
    const address = domain.addressOf(local);
    if (address?.kind === 'contact') return contactPresence(session, address.id, to);
    return networkPresence(session, local, to, undefined);
  }
  const from = local === '' ? domain.domain : `${local}@${domain.domain}`;
  return xml('presence', NS_CLIENT, { from, to, type: 'unsubscribed' });
}

function networkPresence(
  session: UserSession,
  local: string,
  to: string,
  text: string | undefined,
): XmlElement {
  const address = session.domain.addressOf(local);
  const isOnline = address?.kind === 'network' && session.onlineNetworks.has(address.id);
  noteShown(session, local, isOnline);
  const from = `${local}@${session.domain.domain}`;
  return xml('presence', NS_CLIENT, { from, to, type: isOnline ? undefined : 'unavailable' }, [
    text === undefined ? undefined : xml('status', NS_CLIENT, {}, [text]),
    isOnline ? capsElement(session.domain, 'network') : undefined,
  ]);
}
