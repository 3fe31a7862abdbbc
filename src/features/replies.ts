import type { Address, Content, Reply } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { codePoints, fallbackElement, partBody } from '../xmpp/fallback.ts';
import { NS_FALLBACK, NS_REPLY } from '../xmpp/namespaces.ts';
import { named, referred } from './known-messages.ts';
import { can, offered } from './place.ts';
import type { Place } from './place.ts';

const MAX_QUOTED_LINES = 6;

/** XEP-0461: messages that answer others, with XEP-0428 for those who do not know it. */
export function replies(domain: GatewayDomain): Feature {
  return offered(domain, 'reply', [NS_REPLY, NS_FALLBACK]);
}

/**
 * The text that the user means, and the message that it answers. A network without replies gets a quotation before the
 * text: that of the user's client, or else our own.
 */
export function answerFromUser(place: Place, body: string): Pick<Content, 'text' | 'reply'> {
  const { parts, session } = place;
  const known = parts.answers === undefined ? undefined : referred(place, parts.answers);
  const { text, fallback } = partBody(body, parts.fallbacks, NS_REPLY);
  if (!can(session, 'reply')) {
    const needsQuotation = fallback === '' && known !== undefined && known.text !== '';
    return { text: needsQuotation ? quotation(known.text) + body : body };
  }
  const quote = known === undefined || known.text === '' ? quotedIn(fallback) : known.text;
  const reply: Reply = {
    ...(known?.networkIds[0] === undefined ? {} : { id: known.networkIds[0] }),
    ...(known?.nick === undefined ? {} : { nick: known.nick }),
    ...(quote === '' ? {} : { quote }),
  };
  const isMeant = text.trim() !== '' && Object.keys(reply).length > 0;
  return isMeant ? { text, reply } : { text: body };
}

/** What a message from the network has besides its text because it answers another. */
export interface Answer {
  /** To be put before the text. */
  readonly quotation: string;
  readonly elements: readonly XmlElement[];
}

export function answerFromNetwork(session: UserSession, chat: Address, reply: Reply): Answer {
  const known = reply.id === undefined ? undefined : named(session, chat, reply.id);
  const text = reply.quote ?? known?.text ?? '';
  const quoted = text === '' ? '' : quotation(text);
  const id = chat.kind === 'room' ? known?.stanzaId : known?.id;
  if (known === undefined || id === undefined) return { quotation: quoted, elements: [] };
  const element = xml('reply', NS_REPLY, { to: authorOf(session, chat, known), id });
  if (quoted === '') return { quotation: '', elements: [element] };
  return {
    quotation: quoted,
    elements: [element, fallbackElement(NS_REPLY, codePoints(quoted))],
  };
}

function authorOf({ domain, user }: UserSession, chat: Address, known: KnownMessage): string {
  const jid = domain.jidOf(chat);
  if (chat.kind === 'room')
    return known.nick === undefined ? jid : domain.occupantJid(jid, known.nick);
  return known.isOwn ? user.bare : jid;
}

/** XEP-0393 §6.1.3. */
export function quotation(text: string): string {
  const lines = text.trimEnd().split('\n');
  const shown = lines.slice(0, MAX_QUOTED_LINES);
  if (lines.length > shown.length) shown.push('…');
  return shown.map((line) => `> ${line}\n`).join('');
}

/** The text of a quotation. */
function quotedIn(fallback: string): string {
  return fallback
    .split('\n')
    .filter((line) => line.startsWith('>'))
    .map((line) => line.replace(/^> ?/, ''))
    .join('\n')
    .trim();
}
