import type { Context } from '../../router/context.ts';
import type { ContextOf, Feature, IqReply } from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import { numberOf } from '../../store/archive-ids.ts';
import type { ArchivedMessage } from '../../store/archive-reader.ts';
import type { ArchivePage, ArchiveQuery } from '../../store/room-archive.ts';
import { childOf, verbatim, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { delayElement } from '../../xmpp/delay.ts';
import {
  NS_CLIENT,
  NS_DATA_FORM,
  NS_DATA_VALIDATE,
  NS_FORWARD,
  NS_MAM,
  NS_MUC_USER,
} from '../../xmpp/namespaces.ts';
import { resultSetElement } from '../../xmpp/result-set.ts';
import type { ResultSet } from '../../xmpp/result-set.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { readArchiveRequest } from './archive-query.ts';
import type { Asked, ArchiveRequest } from './archive-query.ts';
import { occupantIdElement, stanzaIdElement } from './room-message.ts';

/** Beyond this many nobody is told how many there are. */
const COUNT_LIMIT = 10_000;
/** Who asks for nothing but the number is told this one when there are more. */
const LAST_COUNT = 200_000;
const EXTENDED = `${NS_MAM}#extended`;

/** XEP-0313 for rooms: everybody may ask for what was said while she was there, and for nothing else. */
export function mam({ domain, sessions }: Surroundings): Feature {
  const hasRooms = domain.gateway.features.includes('join');
  if (!hasRooms || !domain.store.archives.isOn) return {};
  const asked = (context: Context): Asked => {
    if (!isInRoom(context)) throw new StanzaError('service-unavailable');
    const room = context.target.id;
    const place = { gateway: domain.domain, user: context.from.bare, room };
    const archive = domain.store.archives.of(place);
    if (archive === undefined) throw new StanzaError('service-unavailable');
    return { domain, context, archive, room: sessions.find(context.from)?.rooms.get(room) };
  };
  const route = { stanza: 'iq', targets: ['room'], needs: 'account' } as const;
  const query = { name: 'query', namespace: NS_MAM };
  return {
    namespaces: { room: [NS_MAM, EXTENDED] },
    routes: [
      { ...route, type: 'get', payload: query, handle: () => ({ payload: form() }) },
      {
        ...route,
        type: 'set',
        payload: query,
        handle: (context: Context, payload: XmlElement) => results(asked(context), payload),
      },
      {
        ...route,
        type: 'get',
        payload: { name: 'metadata', namespace: NS_MAM },
        handle: async (context: Context) => ({ payload: await metadata(asked(context)) }),
      },
    ],
  };
}

function isInRoom(context: Context): context is ContextOf<'room'> {
  return context.target.kind === 'room';
}

/** XEP-0313 §4.1.5. */
function form(): XmlElement {
  const field = (name: string, type: string, content?: XmlElement): XmlElement =>
    xml('field', NS_DATA_FORM, { var: name, type }, [content]);
  const any = xml('validate', NS_DATA_VALIDATE, { datatype: 'xs:string' }, [
    xml('open', NS_DATA_VALIDATE),
  ]);
  return xml('query', NS_MAM, {}, [
    xml('x', NS_DATA_FORM, { type: 'form' }, [
      field('FORM_TYPE', 'hidden', xml('value', NS_DATA_FORM, {}, [NS_MAM])),
      field('with', 'jid-single'),
      field('start', 'text-single'),
      field('end', 'text-single'),
      field('before-id', 'text-single'),
      field('after-id', 'text-single'),
      field('ids', 'list-multi', any),
    ]),
  ]);
}

/** XEP-0313 §5. */
async function metadata({ archive }: Asked): Promise<XmlElement> {
  const ends = await archive.ends();
  if (ends === undefined) return xml('metadata', NS_MAM);
  const end = (name: string, { stanzaId, at }: ArchivedMessage): XmlElement =>
    xml(name, NS_MAM, { id: stanzaId, timestamp: new Date(at).toISOString() });
  return xml('metadata', NS_MAM, {}, [end('start', ends.first), end('end', ends.last)]);
}

/** XEP-0313 §4.2-4.3: the messages, then the result. */
async function results(asked: Asked, query: XmlElement): Promise<IqReply> {
  const request = await readArchiveRequest(asked, query);
  const chosen = chosenMessages(request);
  const { messages, isComplete } = await pageFor(asked, request, chosen);
  const before = messages.map((message) =>
    resultMessage(asked, message, query.attributes['queryid']),
  );
  if (childOf(query, 'flip-page', NS_MAM) !== undefined) before.reverse();
  const set = resultSetElement(await resultSet(asked, request, { messages, chosen }));
  const complete = isComplete ? 'true' : undefined;
  return { before, payload: xml('fin', NS_MAM, { complete }, [set]) };
}

type Messages = readonly ArchivedMessage[];

/** Those of the messages asked for by their ids that match, in order; `undefined` when none were asked for so. */
function chosenMessages({ all, author, messages }: ArchiveRequest): Messages | undefined {
  if (messages === undefined || author === 'none') return undefined;
  const { from = 0, until = Infinity } = all;
  return between(messages, all)
    .filter(({ at }) => at >= from && at <= until)
    .filter(({ nick }) => author.nick === undefined || nick === author.nick)
    .filter(({ occupantId }) => [undefined, occupantId].includes(author.occupantId))
    .toSorted((one, other) => placeOf(one.stanzaId, 0) - placeOf(other.stanzaId, 0));
}

function between(
  messages: Messages,
  { after, before }: Pick<ArchiveQuery, 'after' | 'before'>,
): Messages {
  const from = placeOf(after, 0);
  const to = placeOf(before, Infinity);
  return messages.filter(({ stanzaId }) => {
    const place = placeOf(stanzaId, 0);
    return place > from && place < to;
  });
}

/** Where a message stands in the archive. */
function placeOf(id: string | undefined, otherwise: number): number {
  return id === undefined ? otherwise : (numberOf(id) ?? otherwise);
}

async function pageFor(
  { archive }: Asked,
  { all, author, page }: ArchiveRequest,
  chosen: Messages | undefined,
): Promise<ArchivePage> {
  if (author === 'none') return { messages: [], isComplete: true };
  if (chosen === undefined) return archive.page({ ...all, ...author, ...page });
  const rest = between(chosen, page);
  const start = page.fromEnd === true ? Math.max(0, rest.length - page.max) : 0;
  const messages = rest.slice(start, start + page.max);
  return { messages, isComplete: messages.length === rest.length };
}

async function resultSet(
  { archive }: Asked,
  { all, author, page }: ArchiveRequest,
  { messages, chosen }: { readonly messages: Messages; readonly chosen: Messages | undefined },
): Promise<ResultSet> {
  const [head] = messages;
  const ends = { first: head?.stanzaId, last: messages.at(-1)?.stanzaId };
  if (chosen !== undefined) {
    const index = head === undefined ? undefined : chosen.indexOf(head);
    return { ...ends, index, count: chosen.length };
  }
  if (author === 'none') return { count: 0 };
  if (author.nick !== undefined || author.occupantId !== undefined) return ends;
  if (page.max === 0) return { count: await archive.count(all, LAST_COUNT) };
  const limit = COUNT_LIMIT + 1;
  const count = await archive.count(all, limit);
  if (count === limit) return ends;
  const index = ends.first === undefined ? {} : { before: ends.first };
  return { ...ends, count, index: await archive.count({ ...all, ...index }, limit) };
}

function resultMessage(
  asked: Asked,
  message: ArchivedMessage,
  queryid: string | undefined,
): XmlElement {
  const { from, to } = asked.context;
  return xml('message', NS_CLIENT, { from: to.bare, to: from.full, id: newStanzaId() }, [
    xml('result', NS_MAM, { queryid, id: message.stanzaId }, [
      xml('forwarded', NS_FORWARD, {}, [
        delayElement(new Date(message.at), to.bare),
        archivedStanza(asked, message),
      ]),
    ]),
  ]);
}

function archivedStanza(asked: Asked, message: ArchivedMessage): XmlElement {
  const { domain, context } = asked;
  const { messageId, nick, content, stanzaId, occupantId } = message;
  const room = domain.jidOf(context.target);
  const from = nick === '' ? room : domain.occupantJid(room, nick);
  const id = messageId === '' ? undefined : messageId;
  const jid = authorJid(asked, message);
  return xml('message', NS_CLIENT, { from, type: 'groupchat', id }, [
    verbatim(content),
    stanzaIdElement(stanzaId, room),
    occupantId === '' ? undefined : occupantIdElement(occupantId),
    jid === undefined ? undefined : xml('x', NS_MUC_USER, {}, [xml('item', NS_MUC_USER, { jid })]),
  ]);
}

/** XEP-0313 §5.1.2: who it was, as long as it is known that the nick is still the same person's. */
function authorJid(
  { domain, room }: Asked,
  { nick, occupantId }: ArchivedMessage,
): string | undefined {
  const member = room?.members.get(nick);
  if (room === undefined || member?.contact === undefined) return undefined;
  if (room.occupantIds.of(nick, member.identity) !== occupantId) return undefined;
  return domain.jidOf({ kind: 'contact', id: member.contact });
}
