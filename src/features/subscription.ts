import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { presenceOf } from './presence.ts';

const TARGETS = ['gateway', 'network', 'contact'] as const;

/** Subscriptions to the gateway, its networks and its contacts, and theirs to the user (RFC 6121 §3, XEP-0100 §4.1, 4.6). */
export function subscription(): Feature {
  return {
    routes: [
      {
        stanza: 'presence',
        types: ['subscribe'],
        targets: TARGETS,
        needs: 'account',
        handle: subscribe,
      },
      {
        stanza: 'presence',
        types: ['subscribe'],
        targets: ['room', 'occupant', 'unknown'],
        handle: (context) => {
          if (context.target.kind === 'unknown') throw new StanzaError('item-not-found');
          return [reply(context, 'unsubscribed')];
        },
      },
      { stanza: 'presence', types: ['unsubscribe'], targets: TARGETS, handle: unsubscribe },
      {
        stanza: 'presence',
        types: ['subscribed'],
        targets: TARGETS,
        handle: async ({ to }, session) => {
          // Only where we asked: the gateway itself, and only once registered, so that nobody is made to tell us.
          if (to.local === undefined && session.isRegistered) {
            await session.subscribe('', { toUser: true });
          }
          if (to.local !== undefined) session.answered(to.local, true);
          return undefined;
        },
      },
      {
        stanza: 'presence',
        types: ['unsubscribed'],
        targets: TARGETS,
        handle: async ({ to }, session) => {
          await session.subscribe(to.local ?? '', { toUser: false });
          if (to.local !== undefined) session.answered(to.local, false);
          return undefined;
        },
      },
    ],
  };
}

async function subscribe(context: Context, session: UserSession): Promise<Output> {
  const local = context.to.local ?? '';
  await session.subscribe(local, { fromUser: true });
  session.answered(local, true);
  return [reply(context, 'subscribed'), presenceOf(session, local, session.user.bare)];
}

async function unsubscribe(context: Context, session: UserSession): Promise<Output> {
  const local = context.to.local ?? '';
  const wasSubscribed = session.subscription(local).fromUser;
  await session.subscribe(local, { fromUser: false });
  if (!wasSubscribed) return undefined;
  return [reply(context, 'unavailable'), reply(context, 'unsubscribed')];
}

function reply({ from, to }: Context, type: string): XmlElement {
  return xml('presence', NS_CLIENT, { from: to.bare, to: from.bare, type });
}
