import type { Address, MessageId } from '../plugin/index.ts';
import { messageId } from '../plugin/index.ts';
import { beginningOf, isOwn } from '../session/message-ids.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { Room } from '../session/room.ts';
import type { UserSession } from '../session/user-session.ts';
import { numberOf } from '../store/archive-ids.ts';
import type { ArchivedMessage } from '../store/archive-reader.ts';
import { NS_CORRECT } from '../xmpp/namespaces.ts';
import type { Place } from './place.ts';

/** Finds what a stanza of the user refers to: in rooms by the room's id, elsewhere by that of the stanza. */
export function referred({ session, to, room }: Place, id: string): KnownMessage | undefined {
  const { messageIds } = session;
  if (room === undefined) return messageIds.byId(to, id);
  const known = messageIds.byStanzaId(to, id);
  if (known !== undefined) return known;
  const archived = room.archive?.find(id);
  return archived === undefined ? undefined : fromArchive(room, archived);
}

/** Finds what the network refers to. */
export function named(
  session: UserSession,
  chat: Address,
  id: MessageId,
): KnownMessage | undefined {
  const known = session.messageIds.byNetworkId(chat, id);
  const room = chat.kind === 'room' ? session.rooms.get(chat.id) : undefined;
  if (known !== undefined || room === undefined) return known;
  const archived = room.archive?.findByNetworkId(id);
  return archived === undefined ? undefined : fromArchive(room, archived);
}

/** What the network calls a message. Of one that is still being handed over, this is known after a while. */
export async function networkIdsOf(known: KnownMessage): Promise<readonly MessageId[]> {
  if (isOwn(known) && known.networkIds.length === 0) await known.handedOver;
  return known.networkIds;
}

/** Tells whether somebody who is in a room now wrote a message there. */
export function wrote(
  room: Room,
  nick: string,
  { nick: author, occupantId }: KnownMessage,
): boolean {
  if (author === undefined) return false;
  return (occupantId ?? occupantIdOf(room, author)) === occupantIdOf(room, nick);
}

function occupantIdOf(room: Room, nick: string): string {
  return room.occupantIds.of(nick, room.members.get(nick)?.identity);
}

function fromArchive(room: Room, archived: ArchivedMessage): KnownMessage {
  const { stanzaId, networkId, nick, occupantId, content } = archived;
  const id = replacedIn(content) ?? archived.messageId;
  return {
    chat: room.address,
    id: id === '' ? undefined : id,
    stanzaId,
    networkIds: networkId === '' ? [] : [messageId(networkId)],
    isOwn: nick !== '' && occupantId === occupantIdOf(room, room.nick),
    nick: nick === '' ? undefined : nick,
    occupantId,
    text: beginningOf(bodyIn(content)),
    order: numberOf(stanzaId) ?? 0,
  };
}

/** What was said, of what the archive keeps: XML as we write it. Empty without a body. */
export function bodyIn(content: string): string {
  return plain(/<body(?: [^>]*)?>([^<]*)<\/body>/.exec(content)?.[1] ?? '');
}

/** All corrections of a message name the first (XEP-0308 §4). */
function replacedIn(content: string): string | undefined {
  if (!content.includes(NS_CORRECT)) return undefined;
  const id = /<replace [^>]*?\bid=(?:'([^']*)'|"([^"]*)")/.exec(content);
  return id === null ? undefined : plain(id[1] ?? id[2] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

function plain(escaped: string): string {
  return escaped.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (all, hex?: string, digits?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? all;
      return String.fromCodePoint(hex === undefined ? Number(digits) : Number.parseInt(hex, 16));
    },
  );
}
