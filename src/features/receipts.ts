import type { ReceiptEvent } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import { isOwn } from '../session/message-ids.ts';
import type { OwnMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_RECEIPTS } from '../xmpp/namespaces.ts';
import { named } from './known-messages.ts';
import { displayedByContact, displayedInRoom } from './markers.ts';
import { offered } from './place.ts';

/** XEP-0184: a message has arrived. Said only when the network has proved it. */
export function receipts(domain: GatewayDomain): Feature {
  return {
    ...offered(domain, 'receipts', [NS_RECEIPTS], ['contact', 'occupant']),
    events: { receipt: receiptFromNetwork },
  };
}

function receiptFromNetwork(
  session: UserSession,
  event: ReceiptEvent,
  nextId: () => string,
): Output {
  const { to, id, state } = event;
  const known = named(session, to, id);
  if (known === undefined) return undefined;
  if (to.kind === 'room') {
    const room = session.rooms.get(to.id);
    if (room === undefined || state === 'delivered') return undefined;
    return displayedInRoom(session, room, known, event);
  }
  if (!isOwn(known)) return undefined;
  if (state === 'delivered') {
    known.undelivered?.delete(id);
    return (known.undelivered?.size ?? 0) > 0 ? undefined : receiptsFor([known], nextId);
  }
  const seen = session.messageIds.ownUpTo(to, known);
  return [...receiptsFor(seen.toReversed(), nextId), ...displayedByContact(session, seen, nextId)];
}

/** To the resource that asked, from the JID that it wrote to. */
function receiptsFor(messages: readonly OwnMessage[], nextId: () => string): XmlElement[] {
  return messages.flatMap((message) => {
    const { receiver: from, sender: to, type, id } = message;
    if (!message.asksReceipt || id === undefined) return [];
    message.asksReceipt = false;
    return [
      xml('message', NS_CLIENT, { from, to, type, id: nextId() }, [
        xml('received', NS_RECEIPTS, { id }),
      ]),
    ];
  });
}
