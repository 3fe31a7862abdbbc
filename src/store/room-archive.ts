import { setImmediate as breath } from 'node:timers/promises';
import { numberOf } from './archive-ids.ts';
import type { ArchivedMessage, ArchiveReader, Criteria } from './archive-reader.ts';
import type { ArchivePlace, ArchiveRow } from './archive.ts';

const LAST = Number.MAX_SAFE_INTEGER;
/** So many rows are looked through at once when most of them may not match. */
const SLICE = 2_000;
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
  flush(): void;
  add(row: ArchiveRow, archive: number): void;
  /** The archive's number, given now if it has none. */
  id(): number;
}

/** What one user heard in one room. */
export class RoomArchive {
  readonly #place: ArchivePlace;
  readonly #reader: ArchiveReader;
  readonly #owner: Owner;
  #id: number | undefined;

  constructor(place: ArchivePlace, reader: ArchiveReader, owner: Owner) {
    this.#place = place;
    this.#reader = reader;
    this.#owner = owner;
  }

  add(row: ArchiveRow): void {
    this.#id ??= this.#owner.id();
    this.#owner.add(row, this.#id);
  }

  find(stanzaId: string): ArchivedMessage | undefined {
    const archive = this.#known();
    return archive === undefined ? undefined : this.#reader.byId(archive, stanzaId);
  }

  /** What the network calls by this name, among the latest messages. */
  findByNetworkId(networkId: string): ArchivedMessage | undefined {
    return this.last(NETWORK_ID_SEARCH).findLast((message) => message.networkId === networkId);
  }

  /** The latest messages in order, not older than a time. */
  last(max: number, from = 0): ArchivedMessage[] {
    const archive = this.#known();
    if (archive === undefined || max <= 0) return [];
    const criteria = { archive, ...this.#bounds(archive, { from, max }) };
    return this.#reader.rows(criteria, false, max).reverse();
  }

  /** The first and the last message; `undefined` when there is none. */
  ends(): { readonly first: ArchivedMessage; readonly last: ArchivedMessage } | undefined {
    const archive = this.#known();
    if (archive === undefined) return undefined;
    const criteria = { archive, ...this.#bounds(archive, { max: 1 }) };
    const [first] = this.#reader.rows(criteria, true, 1);
    const [last] = this.#reader.rows(criteria, false, 1);
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** About how many messages lie between two, none of them included; counts no further than `limit`. */
  count(query: Pick<ArchiveQuery, 'after' | 'before' | 'from' | 'until'>, limit: number): number {
    const archive = this.#known();
    if (archive === undefined) return 0;
    return this.#reader.count({ archive, ...this.#bounds(archive, { ...query, max: 0 }) }, limit);
  }

  /** Puts other content in the place of what was said, after a retraction for instance. */
  rewrite(stanzaId: string, content: string): boolean {
    const id = numberOf(stanzaId);
    if (id === undefined || this.find(stanzaId) === undefined) return false;
    this.#reader.rewrite(id, content);
    return true;
  }

  /** One page. Where rows have to be searched for, this is done in slices between which others have their turn. */
  async page(query: ArchiveQuery): Promise<ArchivePage> {
    const archive = this.#known();
    if (archive === undefined) return { messages: [], isComplete: true };
    const criteria = { archive, ...this.#bounds(archive, query) };
    const isForwards = query.fromEnd !== true;
    const wanted = query.max + 1;
    const isSparse = criteria.nick !== null || criteria.occupant !== null || this.#isLate(query);
    const messages = isSparse
      ? await this.#search(criteria, isForwards, wanted)
      : this.#reader.rows(criteria, isForwards, wanted);
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
    let { after, before } = criteria;
    while (found.length < wanted) {
      const edge = this.#reader.edge({ ...criteria, after, before }, isForwards, SLICE);
      const slice = {
        ...criteria,
        after: isForwards ? after : (edge ?? after),
        before: isForwards ? (edge ?? before) : before,
      };
      found.push(...this.#reader.rows(slice, isForwards, wanted - found.length));
      if (edge === undefined) break;
      // The edge itself belongs to the next slice.
      if (isForwards) after = edge - 1;
      else before = edge + 1;
      await breath();
    }
    return found;
  }

  #known(): number | undefined {
    this.#owner.flush();
    return (this.#id ??= this.#reader.find(this.#place));
  }

  #isLate({ from, until }: ArchiveQuery): boolean {
    const archive = this.#id;
    if (archive === undefined || (from === undefined && until === undefined)) return false;
    return this.#reader.lag(archive) > 0;
  }

  /** Times become bounds of rows; a row's number is its time of arrival, or later. */
  #bounds(archive: number, query: ArchiveQuery): Omit<Criteria, 'archive'> {
    const { from = 0, until } = query;
    const after = query.after === undefined ? 0 : (numberOf(query.after) ?? LAST);
    const before = query.before === undefined ? LAST : (numberOf(query.before) ?? 0);
    const latest = until === undefined ? LAST : (until + this.#reader.lag(archive) + 1) * 1_000;
    return {
      after: Math.max(after, from * 1_000 - 1),
      before: Math.min(before, latest),
      from,
      until: until ?? LAST,
      nick: query.nick ?? null,
      occupant: query.occupantId ?? null,
    };
  }
}
