import type { HistoryRequest, Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { ArchivedMessage } from '../../store/archive-reader.ts';
import { childOf, verbatim, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { serialize } from '../../xml/serialize.ts';
import { parseDateTime } from '../../xmpp/date-time.ts';
import { delayElement } from '../../xmpp/delay.ts';
import { codePoints } from '../../xmpp/fallback.ts';
import { NS_CLIENT, NS_MUC } from '../../xmpp/namespaces.ts';
import { occupantIdElement, stanzaIdElement } from './room-message.ts';

const DEFAULT_COUNT = 20;
const MAX_COUNT = 250;
const LIMITS = ['maxchars', 'maxstanzas', 'seconds', 'since'] as const;

/** XEP-0045 §7.2.14. Without a limit of hers she gets as much as we think right. */
export function historyRequest(muc: XmlElement, now: number): HistoryRequest {
  const attributes = childOf(muc, 'history', NS_MUC)?.attributes ?? {};
  const isLimited = LIMITS.some((name) => attributes[name] !== undefined);
  const seconds = countOf(attributes['seconds']);
  const maxStanzas = countOf(attributes['maxstanzas']) ?? (isLimited ? MAX_COUNT : DEFAULT_COUNT);
  return {
    maxStanzas: Math.min(maxStanzas, MAX_COUNT),
    maxCharacters: countOf(attributes['maxchars']) ?? Infinity,
    since: Math.max(
      seconds === undefined ? 0 : now - seconds * 1_000,
      parseDateTime(attributes['since'] ?? '') ?? 0,
    ),
  };
}

/** What was said before, oldest first; under the ids that it had then. Characters are those of whole stanzas. */
export async function history(
  { domain }: UserSession,
  room: Room,
  to: string,
  { maxStanzas, maxCharacters, since }: HistoryRequest,
): Promise<readonly XmlElement[]> {
  const { archive } = room;
  if (maxCharacters === 0 || archive === undefined) return [];
  const stanzas: XmlElement[] = [];
  let characters = 0;
  const messages = await archive.last(maxStanzas, since);
  for (const message of messages.toReversed()) {
    if (isSubject(message)) continue;
    const from = message.nick === '' ? room.jid : domain.occupantJid(room.jid, message.nick);
    const stanza = delayed(message, { from, to, room: room.jid });
    if (maxCharacters !== Infinity) characters += codePoints(serialize(stanza, NS_CLIENT));
    if (characters > maxCharacters) break;
    stanzas.push(stanza);
  }
  return stanzas.reverse();
}

function delayed(
  { messageId, stanzaId, occupantId, content, at }: ArchivedMessage,
  { from, to, room }: { readonly from: string; readonly to: string; readonly room: string },
): XmlElement {
  const id = messageId === '' ? undefined : messageId;
  return xml('message', NS_CLIENT, { from, to, type: 'groupchat', id }, [
    verbatim(content),
    stanzaIdElement(stanzaId, room),
    occupantId === '' ? undefined : occupantIdElement(occupantId),
    delayElement(new Date(at), room),
  ]);
}

/** A change of the subject is in the archive; among what was said it would be taken for the present one. */
function isSubject({ content }: ArchivedMessage): boolean {
  return content.startsWith('<subject') && !content.includes('<body');
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
