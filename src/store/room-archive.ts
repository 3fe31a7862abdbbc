import { setImmediate as breath } from 'node:timers/promises';
import { numberOf } from './archive-ids.ts';
import type { ArchivedMessage, ArchiveReader, Criteria } from './archive-reader.ts';
import type { ArchiveSlot } from './archive-database.ts';
import type { ArchivePlace, ArchiveRow } from './archive.ts';

const LAST = Number.MAX_SAFE_INTEGER;
const NETWORK_ID_SEARCH = 1_000;

/** Which messages are asked for. Absent is without limit; stanza ids and times are of rows that are there. */
export interface ArchiveQuery {
  /** The stanza id of the message before the first that is wanted. */
  readonly after?: string;
  readonly before?: string;
  /** Milliseconds since 1970, included. */
  readonly from?: number;
  readonly until?: number;
  readonly nick?: string;
  readonly occupantId?: string;
  readonly max: number;
  /** The last of those that match, not the first. In either case they are in order. */
  readonly fromEnd?: boolean;
}

export interface ArchivePage {
  readonly messages: readonly ArchivedMessage[];
  /** All that match are in it. */
  readonly isComplete: boolean;
}

interface Owner {
  /** What was added is on disk when it resolves. */
  flush(): Promise<void>;
  add(row: ArchiveRow, slot: ArchiveSlot): void;
}

/** What one user heard in one room. */
export class RoomArchive {
  readonly #slot: ArchiveSlot;
  readonly #reader: ArchiveReader;
  readonly #owner: Owner;

  constructor(place: ArchivePlace, reader: ArchiveReader, owner: Owner) {
    this.#slot = { place, id: undefined };
    this.#reader = reader;
    this.#owner = owner;
  }

  add(row: ArchiveRow): void {
    this.#owner.add(row, this.#slot);
  }

  async find(stanzaId: string): Promise<ArchivedMessage | undefined> {
    const archive = await this.#known();
    return archive === undefined ? undefined : this.#reader.byId(archive, stanzaId);
  }

  /** What the network calls by this name, among the latest messages. */
  async findByNetworkId(networkId: string): Promise<ArchivedMessage | undefined> {
    const latest = await this.last(NETWORK_ID_SEARCH);
    return latest.findLast((message) => message.networkId === networkId);
  }

  /** The latest messages in order, not older than a time. */
  async last(max: number, from = 0): Promise<readonly ArchivedMessage[]> {
    const archive = await this.#known();
    if (archive === undefined || max <= 0) return [];
    const criteria = { archive, ...boundsOf({ from, max }, 0) };
    return (await this.#reader.rows(criteria, false, max)).reverse();
  }

  /** The first and the last message; `undefined` when there is none. */
  async ends(): Promise<
    { readonly first: ArchivedMessage; readonly last: ArchivedMessage } | undefined
  > {
    const archive = await this.#known();
    if (archive === undefined) return undefined;
    const criteria = { archive, ...boundsOf({ max: 1 }, 0) };
    const [first] = await this.#reader.rows(criteria, true, 1);
    const [last] = await this.#reader.rows(criteria, false, 1);
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** About how many messages lie between two, none of them included; counts no further than `limit`. */
  async count(
    query: Pick<ArchiveQuery, 'after' | 'before' | 'from' | 'until'>,
    limit: number,
  ): Promise<number> {
    const archive = await this.#known();
    if (archive === undefined) return 0;
    const bounds = boundsOf({ ...query, max: 0 }, await this.#lag(archive, query));
    return this.#reader.count({ archive, ...bounds }, limit);
  }

  /** Puts other content in the place of what was said, after a retraction for instance. */
  async rewrite(stanzaId: string, content: string): Promise<boolean> {
    const id = numberOf(stanzaId);
    if (id === undefined || (await this.find(stanzaId)) === undefined) return false;
    await this.#reader.rewrite(id, content);
    return true;
  }

  /** One page. Where rows have to be searched for, this is done in slices between which others have their turn. */
  async page(query: ArchiveQuery): Promise<ArchivePage> {
    const archive = await this.#known();
    if (archive === undefined) return { messages: [], isComplete: true };
    const lag = await this.#lag(archive, query);
    const criteria = { archive, ...boundsOf(query, lag) };
    const isForwards = query.fromEnd !== true;
    const wanted = query.max + 1;
    const isSparse = criteria.nick !== null || criteria.occupant !== null || lag > 0;
    const messages = isSparse
      ? await this.#search(criteria, isForwards, wanted)
      : await this.#reader.rows(criteria, isForwards, wanted);
    const isComplete = messages.length <= query.max;
    const kept = messages.slice(0, query.max);
    return { messages: isForwards ? kept : kept.reverse(), isComplete };
  }

  async #search(
    criteria: Criteria,
    isForwards: boolean,
    wanted: number,
  ): Promise<ArchivedMessage[]> {
    const found: ArchivedMessage[] = [];
    const { sliceRows } = this.#reader;
    let { after, before } = criteria;
    while (found.length < wanted) {
      const edge = await this.#reader.edge({ ...criteria, after, before }, isForwards, sliceRows);
      const slice = {
        ...criteria,
        after: isForwards ? after : (edge ?? after),
        before: isForwards ? (edge ?? before) : before,
      };
      found.push(...(await this.#reader.rows(slice, isForwards, wanted - found.length)));
      if (edge === undefined) break;
      // The edge itself belongs to the next slice.
      if (isForwards) after = edge - 1;
      else before = edge + 1;
      await breath();
    }
    return found;
  }

  async #known(): Promise<number | undefined> {
    await this.#owner.flush();
    return (this.#slot.id ??= await this.#reader.find(this.#slot.place));
  }

  /** By how many milliseconds rows may lie behind their numbers, where that makes a difference. */
  async #lag(archive: number, { from, until }: Times): Promise<number> {
    return from === undefined && until === undefined ? 0 : this.#reader.lag(archive);
  }
}

type Times = Pick<ArchiveQuery, 'from' | 'until'>;

/** Times become bounds of rows; a row's number is its time of arrival, or later. */
function boundsOf(query: ArchiveQuery, lag: number): Omit<Criteria, 'archive'> {
  const { from = 0, until } = query;
  const after = query.after === undefined ? 0 : (numberOf(query.after) ?? LAST);
  const before = query.before === undefined ? LAST : (numberOf(query.before) ?? 0);
  const latest = until === undefined ? LAST : (until + lag + 1) * 1_000;
  return {
    after: Math.max(after, from * 1_000 - 1),
    before: Math.min(before, latest),
    from,
    until: until ?? LAST,
    nick: query.nick ?? null,
    occupant: query.occupantId ?? null,
  };
}
