import type { Address, Content, MessageId } from '../plugin/index.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { replacedByNetwork, replaceElement } from './correction.ts';
import { SHORT, splitBody } from './long-text.ts';
import { answerFromNetwork } from './replies.ts';
import { withDirectives } from './styling.ts';

/** A message from the network, whoever wrote it. */
export interface Received extends Content {
  readonly replaces?: MessageId;
}

/** What its stanzas hold; the first has whatever there is besides text. */
export interface Composed {
  readonly contents: readonly (readonly XmlElement[])[];
  /** The message that this one stands for from now on. */
  readonly replaced: KnownMessage | undefined;
}

/** Nothing but a text that fits into one stanza, as nearly all are. */
export function isPlain({ text, replaces, reply, styles, subject, thread }: Received): boolean {
  return (
    text.length <= SHORT &&
    replaces === undefined &&
    reply === undefined &&
    styles === undefined &&
    subject === undefined &&
    thread === undefined
  );
}

export function bodyElement(text: string): XmlElement {
  return xml('body', NS_CLIENT, {}, [text]);
}

/** @param isAuthor tells of an earlier message whether its author is that of this one. */
export function composed(
  session: UserSession,
  chat: Address,
  message: Received,
  isAuthor: (earlier: KnownMessage) => boolean,
): Composed {
  if (isPlain(message)) return { contents: [[bodyElement(message.text)]], replaced: undefined };
  const { replaces, reply, subject, thread } = message;
  const replaced =
    replaces === undefined ? undefined : replacedByNetwork(session, chat, replaces, isAuthor);
  const answer = reply === undefined ? undefined : answerFromNetwork(session, chat, reply);
  const text = (answer?.quotation ?? '') + withDirectives(message.text, message.styles);
  const [first = '', ...others] = splitBody(text);
  const elements = [
    subject === undefined ? undefined : xml('subject', NS_CLIENT, {}, [subject.slice(0, SHORT)]),
    bodyElement(first),
    thread === undefined ? undefined : xml('thread', NS_CLIENT, {}, [thread.slice(0, SHORT)]),
    ...(answer?.elements ?? []),
    replaced?.id === undefined ? undefined : replaceElement(replaced.id),
  ].filter((element) => element !== undefined);
  return { contents: [elements, ...others.map((other) => [bodyElement(other)])], replaced };
}
