import type { ContextOf } from '../../router/feature.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Room } from '../../session/room.ts';
import { numberOf } from '../../store/archive-ids.ts';
import type { ArchivedMessage } from '../../store/archive-reader.ts';
import type { ArchiveQuery, RoomArchive } from '../../store/room-archive.ts';
import { childOf } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseForm } from '../../xmpp/data-form.ts';
import { parseDateTime } from '../../xmpp/date-time.ts';
import { parseJid } from '../../xmpp/jid.ts';
import { NS_DATA_FORM, NS_MAM } from '../../xmpp/namespaces.ts';
import { parseResultSet } from '../../xmpp/result-set.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';

/** So many are sent at once, whatever is asked for. */
export const MAX_RESULTS = 250;
const DEFAULT_RESULTS = 100;

const FIELDS: ReadonlySet<string> = new Set([
  'FORM_TYPE',
  'with',
  'start',
  'end',
  'before-id',
  'after-id',
  'ids',
]);

type Author = Pick<ArchiveQuery, 'nick' | 'occupantId'>;

/** What somebody asks of an archive (XEP-0313 §4). */
export interface ArchiveRequest {
  /** The bounds of all that matches, before paging. */
  readonly all: Pick<ArchiveQuery, 'after' | 'before' | 'from' | 'until'>;
  /** Nobody's messages when `none`. */
  readonly author: Author | 'none';
  /** Just these, if it was asked for these. */
  readonly messages: readonly ArchivedMessage[] | undefined;
  /** The page of it; `before` and `after` are the narrowest of all. */
  readonly page: Pick<ArchiveQuery, 'after' | 'before' | 'fromEnd' | 'max'>;
}

/** Where the question is asked, and by whom. */
export interface Asked {
  readonly domain: GatewayDomain;
  readonly context: ContextOf<'room'>;
  readonly archive: RoomArchive;
  /** Absent when the user is not in the room now. */
  readonly room: Room | undefined;
}

/**
 * Reads a question.
 * @throws StanzaError item-not-found for a message that is not in the archive, feature-not-implemented for a field that
 * we do not know
 */
export async function readArchiveRequest(asked: Asked, query: XmlElement): Promise<ArchiveRequest> {
  const values = formValues(query);
  const first = (name: string): string | undefined => values.get(name)?.[0];
  const known = async (id: string | undefined): Promise<string | undefined> => {
    if (id !== undefined) await messageIn(asked.archive, id);
    return id;
  };
  const set = parseResultSet(query);
  if (set?.index !== undefined) throw new StanzaError('feature-not-implemented');
  const afterId = await known(first('after-id'));
  const beforeId = await known(first('before-id'));
  const after = await known(set?.after === '' ? undefined : set?.after);
  const before = await known(set?.before === '' ? undefined : set?.before);
  return {
    all: { ...bound('after', afterId), ...bound('before', beforeId), ...times(first) },
    author: authorOf(asked, first('with')),
    messages: await messagesIn(asked.archive, values.get('ids')),
    page: {
      ...bound('after', narrowest([afterId, after], 1)),
      ...bound('before', narrowest([beforeId, before], -1)),
      fromEnd: set?.before !== undefined,
      max: Math.min(set?.max ?? DEFAULT_RESULTS, MAX_RESULTS),
    },
  };
}

function formValues(query: XmlElement): ReadonlyMap<string, readonly string[]> {
  const element = childOf(query, 'x', NS_DATA_FORM);
  if (element === undefined) return new Map();
  const form = parseForm(element);
  if (form?.formType !== NS_MAM) throw new StanzaError('bad-request');
  for (const name of form.values.keys()) {
    if (!FIELDS.has(name)) throw new StanzaError('feature-not-implemented');
  }
  if ((form.values.get('ids')?.length ?? 0) > MAX_RESULTS) {
    throw new StanzaError('resource-constraint');
  }
  return form.values;
}

async function messageIn(archive: RoomArchive, id: string): Promise<ArchivedMessage> {
  const message = await archive.find(id);
  if (message === undefined) throw new StanzaError('item-not-found');
  return message;
}

async function messagesIn(
  archive: RoomArchive,
  ids: readonly string[] | undefined,
): Promise<readonly ArchivedMessage[] | undefined> {
  if (ids === undefined) return undefined;
  const messages: ArchivedMessage[] = [];
  for (const id of new Set(ids)) messages.push(await messageIn(archive, id));
  return messages;
}

function times(first: (name: string) => string | undefined): Pick<ArchiveQuery, 'from' | 'until'> {
  const time = (name: string): number | undefined => {
    const text = first(name);
    const value = text === undefined ? undefined : parseDateTime(text.trim());
    if (text !== undefined && value === undefined) throw new StanzaError('bad-request');
    return value;
  };
  const from = time('start');
  const until = time('end');
  return {
    ...(from === undefined ? {} : { from: Math.max(from, 0) }),
    ...(until === undefined ? {} : { until: Math.max(until, 0) }),
  };
}

function bound<Name extends 'after' | 'before'>(
  name: Name,
  id: string | undefined,
): { readonly [Key in Name]?: string } {
  // A computed key widens to an index signature, which says less than is true.
  return (id === undefined ? {} : { [name]: id }) as { readonly [Key in Name]?: string };
}

function narrowest(ids: readonly (string | undefined)[], sign: 1 | -1): string | undefined {
  return ids
    .filter((id) => id !== undefined)
    .toSorted((one, other) => sign * ((numberOf(other) ?? 0) - (numberOf(one) ?? 0)))[0];
}

/** XEP-0313 §4.1.1: whose messages. By the nick, or by the JID behind it as far as that is known now. */
function authorOf(
  { domain, context, room }: Asked,
  text: string | undefined,
): ArchiveRequest['author'] {
  if (text === undefined) return {};
  const jid = parseJid(text);
  if (jid === undefined) throw new StanzaError('bad-request');
  if (jid.bare === context.to.bare) {
    return jid.resource === undefined ? {} : { nick: jid.resource };
  }
  const isMe = jid.bare === context.from.bare;
  const address =
    jid.domain === domain.domain && jid.local !== undefined
      ? domain.addressOf(jid.local)
      : undefined;
  if (room === undefined || (!isMe && address?.kind !== 'contact')) return 'none';
  for (const member of room.members.values()) {
    const isWanted = isMe ? member.nick === room.nick : member.contact === address?.id;
    if (isWanted) return { occupantId: room.occupantIds.ofMember(member) };
  }
  return 'none';
}
