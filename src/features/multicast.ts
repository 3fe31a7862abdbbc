import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf } from '../xml/element.ts';
import { messageParts } from '../xmpp/message-parts.ts';
import type { AddressPart } from '../xmpp/message-parts.ts';
import { NS_ADDRESS } from '../xmpp/namespaces.ts';
import { addressIn, strangeRecipient } from './addresses.ts';
import { fromUser } from './from-user.ts';
import { offered, trouble } from './place.ts';

/**
 * XEP-0033 §4: a message to the gateway itself is for all whom its addresses name. Servers write so of their own accord, once
 * they know that we take it.
 */
export function multicast(domain: GatewayDomain): Feature {
  const { namespaces } = offered(domain, 'also', [NS_ADDRESS], ['gateway']);
  if (namespaces === undefined) return {};
  return {
    namespaces,
    routes: [
      {
        stanza: 'message',
        types: ['chat', 'normal'],
        targets: ['gateway'],
        needs: 'account',
        isFor: ({ stanza }) => childOf(stanza, 'addresses', NS_ADDRESS) !== undefined,
        handle: distribute,
      },
    ],
  };
}

function distribute({ stanza }: Context, session: UserSession): Output | Promise<Output> {
  const parts = messageParts(stanza);
  const receiver = receiverAmong(parts.addresses);
  if (receiver === undefined) throw trouble(session, 'item-not-found', 'noReceiver');
  const to = addressIn(session, receiver);
  if (to?.kind !== 'contact') throw strangeRecipient(session, receiver);
  return fromUser({ session, stanza, parts, to, room: undefined });
}

/** The one whom the others are added to, and see. */
function receiverAmong(addresses: readonly AddressPart[]): AddressPart | undefined {
  const open = addresses.filter(({ isDelivered }) => !isDelivered);
  const blind = open.filter(({ type }) => type === 'bcc');
  return (
    open.find(({ type }) => type === 'to') ??
    open.find(({ type }) => type === 'cc') ??
    (blind.length === 1 ? blind[0] : undefined)
  );
}
