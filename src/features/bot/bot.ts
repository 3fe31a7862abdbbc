import type { Context } from '../../router/context.ts';
import type { Feature } from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Output } from '../../session/mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { messageParts } from '../../xmpp/message-parts.ts';
import type { MessageParts } from '../../xmpp/message-parts.ts';
import { NS_CLIENT, NS_RECEIPTS } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { commandTexts } from '../commands/texts.ts';
import { undecipherable } from '../encryption.ts';
import { splitBody } from '../long-text.ts';
import { gatewayNames } from '../names.ts';
import type { Conversations } from './conversations.ts';
import type { Saying } from './conversation.ts';

/** A chat partner that answers to words, for those whose clients know neither commands nor registrations. */
export function bot({ domain }: Surroundings, conversations: Conversations): Feature {
  return {
    identities: {
      bot: [
        {
          category: 'client',
          type: 'bot',
          named: (language) => gatewayNames(language).gateway(domain.name),
        },
      ],
    },
    namespaces: { bot: [NS_RECEIPTS] },
    routes: [
      {
        stanza: 'message',
        types: ['chat', 'normal'],
        targets: ['bot', 'gateway'],
        handle: (context, session) => hear(context, session, conversations),
      },
      {
        stanza: 'message',
        types: ['headline'],
        targets: ['bot', 'gateway'],
        handle: () => undefined,
      },
    ],
  };
}

function hear(context: Context, session: UserSession, conversations: Conversations): Output {
  const { stanza, from } = context;
  const { domain, language } = session;
  const parts = messageParts(stanza);
  if (parts.encryption !== undefined) throw undecipherable(session, parts.encryption);
  const { body } = parts;
  if (body === undefined || body.trim() === '') return undefined;
  if (!domain.policy.allows(from) && !domain.isAdmin(from)) {
    throw new StanzaError('forbidden', commandTexts(language).notOpen, { language });
  }
  if (isRepeated(session, context, body)) return undefined;
  const { now, later } = conversations.of(session).hear(body);
  later?.then(
    (saying) => session.mailbox.post(() => saying && spoken(context, parts, saying)),
    (error: unknown) => session.log.error({ err: error }, 'the bot failed'),
  );
  const receipt = receiptFor(context, parts);
  const said = now === undefined ? [] : spoken(context, parts, now);
  return [...(receipt === undefined ? [] : [receipt]), ...said];
}

/** A server may send a stanza twice when it does not know whether it arrived; an answer must not count twice. */
function isRepeated({ recent }: UserSession, { from, to, id }: Context, text: string): boolean {
  return id !== undefined && !recent.isNew({ from: from.full, to: to.full, id, text });
}

/** What the bot says, in reply to a message: to the client that wrote it. */
function spoken(
  { from, to, language }: Context,
  { thread }: MessageParts,
  saying: Saying,
): XmlElement[] {
  const messages = splitBody(saying.text).map((text) =>
    xml(
      'message',
      NS_CLIENT,
      { from: to.bare, to: from.full, type: 'chat', id: newStanzaId(), 'xml:lang': language },
      [
        xml('body', NS_CLIENT, {}, [text]),
        thread === undefined ? undefined : xml('thread', NS_CLIENT, {}, [thread]),
      ],
    ),
  );
  return [...messages, ...(saying.after ?? [])];
}

/** XEP-0184: the bot has read it, as truly as anybody. */
function receiptFor(
  { from, to, id }: Context,
  { asksReceipt }: MessageParts,
): XmlElement | undefined {
  if (!asksReceipt || id === undefined) return undefined;
  return xml(
    'message',
    NS_CLIENT,
    { from: to.bare, to: from.full, type: 'chat', id: newStanzaId() },
    [xml('received', NS_RECEIPTS, { id })],
  );
}
