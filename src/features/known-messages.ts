import type { Address, Event, MessageId } from '../plugin/index.ts';
import { inTime } from '../in-time.ts';
import type { StoredEvent } from '../delivery/stored-event.ts';
import { messageId } from '../plugin/index.ts';
import { beginningOf, isOwn } from '../session/message-ids.ts';
import type { KnownMessage } from '../session/message-ids.ts';
import type { Room } from '../session/room.ts';
import type { UserSession } from '../session/user-session.ts';
import { numberOf } from '../store/archive-ids.ts';
import type { ArchivedMessage } from '../store/archive-reader.ts';
import { NS_CORRECT } from '../xmpp/namespaces.ts';
import type { Place } from './place.ts';

/** What was in memory all the time is later than what the archive has to tell, though the numbers there are large. */
const ARCHIVED = -(2 ** 52);

type Where = Pick<Place, 'session' | 'to' | 'room'>;

/** Finds what a stanza of the user refers to: in rooms by the room's id, elsewhere by that of the stanza. It is in memory, or was recalled. */
export function referred({ session, to, room }: Where, id: string): KnownMessage | undefined {
  const { messageIds } = session;
  return room === undefined ? messageIds.byId(to, id) : messageIds.byStanzaId(to, id);
}

/** Finds what the network refers to. It is in memory, or was recalled. */
export function named(
  session: UserSession,
  chat: Address,
  id: MessageId,
): KnownMessage | undefined {
  return session.messageIds.byNetworkId(chat, id);
}

/** Brings what a stanza of the user refers to into memory, from where it is kept. `undefined` when there is nothing to wait for. */
export function recall(where: Where, id: string | undefined): Promise<void> | undefined {
  const { session, to, room } = where;
  if (id === undefined) return undefined;
  if (room === undefined) return session.messageIds.recallById(to, id);
  const { archive } = room;
  if (archive === undefined || referred(where, id) !== undefined) return undefined;
  return archive.find(id).then((message) => remember(session, room, message));
}

interface References {
  readonly chat: Address;
  readonly ids: readonly (MessageId | undefined)[];
}

type Referring = Event | StoredEvent;

/** What events refer to, by their kind. */
const REFERENCES: {
  readonly [Kind in Referring['kind']]?: (
    event: Extract<Referring, { readonly kind: Kind }>,
  ) => References | undefined;
} = {
  message: ({ from: id, replaces, reply }) =>
    replaces === undefined && reply?.id === undefined
      ? undefined
      : { chat: { kind: 'contact', id }, ids: [replaces, reply?.id] },
  'room-message': ({ room: id, replaces, reply }) =>
    replaces === undefined && reply?.id === undefined
      ? undefined
      : { chat: { kind: 'room', id }, ids: [replaces, reply?.id] },
  receipt: ({ to: chat, id }) => ({ chat, ids: [id] }),
  retracted: ({ chat, id }) => ({ chat, ids: [id] }),
  reaction: ({ chat, id }) => ({ chat, ids: [id] }),
  seen: ({ chat, id }) => ({ chat, ids: [id] }),
};

/** What is said is told though nobody knows what it refers to; these are nothing without it. */
const NOTHING_WITHOUT: ReadonlySet<Referring['kind']> = new Set([
  'receipt',
  'retracted',
  'reaction',
  'seen',
]);
/** Long before a user's work is given up. */
const RECALL_MS = 5_000;

/** The same for what an event of the network refers to. */
export function recallFor(session: UserSession, event: Referring): Promise<void> | undefined {
  // The table is keyed by the kind of event that its functions take, which types cannot say here.
  const of = REFERENCES[event.kind] as ((event: Referring) => References | undefined) | undefined;
  const references = of?.(event);
  const recalling = references && recallNamed(session, references);
  if (recalling === undefined) return undefined;
  const recalled = inTime(recalling, RECALL_MS, () => new Error('the database does not answer'));
  if (NOTHING_WITHOUT.has(event.kind)) return recalled;
  return recalled.catch((error: unknown) =>
    session.log.error({ err: error }, 'what a message refers to could not be read'),
  );
}

function recallNamed(session: UserSession, { chat, ids }: References): Promise<void> | undefined {
  const unknown = ids.filter((id) => id !== undefined && named(session, chat, id) === undefined);
  if (unknown.length === 0) return undefined;
  const room = chat.kind === 'room' ? session.rooms.get(chat.id) : undefined;
  const recalling = unknown.map((id) => {
    if (id === undefined) return undefined;
    if (room === undefined) return session.messageIds.recallByNetworkId(chat, id);
    return room.archive?.findByNetworkId(id).then((message) => remember(session, room, message));
  });
  return inOrder(recalling);
}

/** Of several things to wait for, all; of none, none. */
export function inOrder(all: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const pending = all.filter((one) => one !== undefined);
  return pending.length < 2 ? pending[0] : Promise.all(pending).then(() => undefined);
}

function remember(session: UserSession, room: Room, message: ArchivedMessage | undefined): void {
  if (message !== undefined) session.messageIds.add(fromArchive(room, message));
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
    order: ARCHIVED + (numberOf(stanzaId) ?? 0),
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
