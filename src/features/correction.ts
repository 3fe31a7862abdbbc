import { NetworkError } from '../plugin/index.ts';
import type { Address, Content, MessageId } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { isOwn } from '../session/message-ids.ts';
import type { Output } from '../session/mailbox.ts';
import type { KnownMessage, OwnMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CORRECT } from '../xmpp/namespaces.ts';
import { named } from './known-messages.ts';
import { messageTexts } from './message-texts.ts';
import { reflection } from './muc/reflection.ts';
import { handOver, outgoing, sentAs, withStyles } from './outgoing.ts';
import { can, offered, refusal } from './place.ts';
import type { Place } from './place.ts';

/** XEP-0308: the latest word on a message. */
export function correction(domain: GatewayDomain): Feature {
  return offered(domain, 'edit', [NS_CORRECT]);
}

/** Where the network cannot change the message, or nobody knows any more which it is, the new text is said as such. */
export function correct(place: Place, content: Content, id: string): Output {
  const { session, to } = place;
  const earlier = session.messageIds.byId(to, id);
  const isPossible = can(session, 'edit') && earlier !== undefined && isOwn(earlier);
  if (!isPossible) return sayAgain(place, content);
  if (earlier.networkIds.length > 0) return edit(place, content, earlier);
  void earlier.handedOver.then(() => session.mailbox.post(() => edit(place, content, earlier)));
  return undefined;
}

function sayAgain(place: Place, content: Content): Output {
  const { styles: _, ...rest } = content;
  const text = messageTexts(place.session.language).correction(content.text);
  return handOver(place, withStyles(place, { ...rest, text }));
}

function edit(place: Place, content: Content, earlier: OwnMessage): Output {
  const { session, stanza, to } = place;
  const [networkId, ...others] = earlier.networkIds;
  const message = outgoing(place, content);
  const editing =
    networkId === undefined || others.length > 0
      ? undefined
      : session.network().edit?.(to, networkId, message);
  if (editing === undefined) return sayAgain(place, content);
  session.sent.add(sentAs(place, message.key));
  editing.then(
    ({ ids }) => session.mailbox.post(() => edited(place, earlier, ids)),
    (error: unknown) => {
      session.sent.take(message.key);
      session.mailbox.post(() => {
        const isOutOfReach = error instanceof NetworkError && error.kind === 'unsupported';
        if (!isOutOfReach) return refusal(session, stanza, error);
        return sayAgain(place, content);
      });
    },
  );
  return undefined;
}

function edited(
  { session, stanza, room }: Place,
  earlier: OwnMessage,
  ids: readonly MessageId[],
): Output {
  const { id } = stanza.attributes;
  const networkIds = ids.length === 0 ? earlier.networkIds : ids;
  session.messageIds.named(earlier, { networkIds, stanzaId: undefined });
  if (id !== undefined) session.messageIds.alsoCalled(earlier, id);
  return room === undefined
    ? undefined
    : reflection(session, room, stanza, { networkId: networkIds[0] });
}

/** What a message from the network stands for from now on; `undefined` when that is not known, or another's. */
export function replacedByNetwork(
  session: UserSession,
  chat: Address,
  id: MessageId,
  isAuthor: (earlier: KnownMessage) => boolean,
): KnownMessage | undefined {
  const earlier = named(session, chat, id);
  return earlier?.id !== undefined && isAuthor(earlier) ? earlier : undefined;
}

export function replaceElement(id: string): XmlElement {
  return xml('replace', NS_CORRECT, { id });
}
