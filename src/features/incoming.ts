import type { Address, Content, MessageId } from '../plugin/index.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { addressesElement } from './addresses.ts';
import { replacedByNetwork, replaceElement } from './correction.ts';
import { fileElements, fileLine } from './files.ts';
import type { ShownFile } from './files.ts';
import { SHORT, splitBody } from './long-text.ts';
import { messageTexts } from './message-texts.ts';
import { answerFromNetwork } from './replies.ts';
import { withDirectives } from './styling.ts';

/** A message from the network, whoever wrote it. */
export interface Received extends Omit<Content, 'files'> {
  readonly files?: readonly ShownFile[];
  readonly replaces?: MessageId;
}

/** What its stanzas hold; the first has whatever there is besides text. */
export interface Composed {
  readonly contents: readonly (readonly XmlElement[])[];
  /** The message that this one stands for from now on. */
  readonly replaced: KnownMessage | undefined;
}

/** Nothing but a text that fits into one stanza, as nearly all are. */
export function isPlain({
  text,
  replaces,
  reply,
  styles,
  subject,
  thread,
  ...more
}: Received): boolean {
  return (
    text.length <= SHORT &&
    replaces === undefined &&
    reply === undefined &&
    styles === undefined &&
    subject === undefined &&
    thread === undefined &&
    more.files === undefined &&
    more.also === undefined
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
  const { replaces, reply, subject, thread, also = [] } = message;
  const replaced =
    replaces === undefined ? undefined : replacedByNetwork(session, chat, replaces, isAuthor);
  const answer = reply === undefined ? undefined : answerFromNetwork(session, chat, reply);
  const [first = [], ...others] = bodies(session, message, answer?.quotation ?? '');
  const inThread = thread === undefined ? [] : [xml('thread', NS_CLIENT, {}, [short(thread)])];
  const elements = [
    subject === undefined ? undefined : xml('subject', NS_CLIENT, {}, [short(subject)]),
    ...first,
    ...inThread,
    ...(answer?.elements ?? []),
    replaced?.id === undefined ? undefined : replaceElement(replaced.id),
    also.length === 0 ? undefined : addressesElement(session, also),
  ].filter((element) => element !== undefined);
  return { contents: [elements, ...others.map((other) => [...other, ...inThread])], replaced };
}

/** The text, in as many stanzas as it needs; then each file in one of its own. */
function bodies(
  session: UserSession,
  { text: said, styles, subject, files = [] }: Received,
  quotation: string,
): XmlElement[][] {
  const lines = files.filter(({ url }) => url === undefined).map((file) => fileLine(session, file));
  const shown = files.filter(({ url }) => url !== undefined).map(fileElements);
  const text = [withDirectives(said, styles), ...lines].filter((part) => part !== '');
  // Few clients show a subject: where it is all that was said, it is the text.
  if (text.length === 0 && subject !== undefined) text.push(subject);
  else if (isToldInText(session, said, subject)) {
    text.unshift(messageTexts(session.language).subject(subject), '');
  }
  const all = quotation + text.join('\n');
  if (all === '' && shown.length > 0) return shown;
  return [...splitBody(all).map((part) => [bodyElement(part)]), ...shown];
}

/** Not all clients show the subject of a message in a chat: Psi does, Gajim does not. */
function isToldInText(
  { settings }: UserSession,
  said: string,
  subject: string | undefined,
): subject is string {
  return (
    settings.get().subjectsInText && subject !== undefined && subject !== '' && subject !== said
  );
}

function short(text: string): string {
  return text.slice(0, SHORT);
}
