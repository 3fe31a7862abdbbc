import type { ArchiveDatabase } from './archive-database.ts';
import { markOf, numberOf, stanzaIdOf } from './archive-ids.ts';
import type { ArchivePlace, ArchiveRow } from './archive.ts';
import type { Query } from './message-database.ts';

/** A row as it was read. */
export type ArchivedMessage = Omit<ArchiveRow, 'archive'>;

const COLUMNS = 'id, mark, at, nick, occupant_id, message_id, network_id, content';
const MATCHING = `at >= ? AND at <= ?
  AND (CAST(? AS TEXT) IS NULL OR nick = ?) AND (CAST(? AS TEXT) IS NULL OR occupant_id = ?)`;
const UP = 'ORDER BY archive, id';
const DOWN = 'ORDER BY archive DESC, id DESC';

type ArchiveSql = Readonly<
  Record<'forwards' | 'backwards' | 'edgeForwards' | 'edgeBackwards' | 'byId' | 'count', string>
>;

/** The statements that pages are read with. None of them may look at more than the rows it asks for. */
export function archiveSql({ within }: Pick<ArchiveDatabase, 'within'>): ArchiveSql {
  const rows = (order: string): string =>
    `SELECT ${COLUMNS} FROM archived WHERE ${within} AND ${MATCHING} ${order} LIMIT ?`;
  const edge = (order: string): string =>
    `SELECT id AS number FROM archived WHERE ${within} ${order} LIMIT 1 OFFSET ?`;
  return {
    forwards: rows(UP),
    backwards: rows(DOWN),
    edgeForwards: edge(UP),
    edgeBackwards: edge(DOWN),
    byId: `SELECT ${COLUMNS} FROM archived WHERE id = ? AND archive = ? AND mark = ?`,
    count: `SELECT count(*) AS number FROM (SELECT 1 FROM archived WHERE ${within} LIMIT ?) AS counted`,
  };
}

/** The part of an archive between two rows, neither of them included. */
export interface Span {
  readonly archive: number;
  readonly after: number;
  readonly before: number;
}

export interface Criteria extends Span {
  /** Milliseconds since 1970, included. */
  readonly from: number;
  readonly until: number;
  readonly nick: string | null;
  readonly occupant: string | null;
}

interface RawMessage {
  readonly id: number;
  readonly mark: string;
  readonly at: number;
  readonly nick: string;
  readonly occupant_id: string;
  readonly message_id: string;
  readonly network_id: string;
  readonly content: string;
}

/** Reads the archive. */
export class ArchiveReader {
  readonly #database: ArchiveDatabase;
  readonly #sql: ArchiveSql;

  constructor(database: ArchiveDatabase) {
    this.#database = database;
    this.#sql = archiveSql(database);
  }

  get sliceRows(): number {
    return this.#database.sliceRows;
  }

  find({ gateway, user, room }: ArchivePlace): Promise<number | undefined> {
    return this.#number(
      'SELECT id AS number FROM archives WHERE gateway = ? AND "user" = ? AND room = ?',
      [gateway, user, room],
    );
  }

  async lag(archive: number): Promise<number> {
    return (await this.#number('SELECT lag AS number FROM archives WHERE id = ?', [archive])) ?? 0;
  }

  async lastRow(): Promise<number> {
    return (await this.#number('SELECT max(id) AS number FROM archived', [])) ?? 0;
  }

  /** An archive that was taken away and has rows yet. */
  lastRemoved(): Promise<number | undefined> {
    return this.#number("SELECT max(id) AS number FROM archives WHERE gateway = ''", []);
  }

  /** Rows in the order in which they are looked for. */
  async rows(criteria: Criteria, isForwards: boolean, count: number): Promise<ArchivedMessage[]> {
    const { archive, after, before, from, until, nick, occupant } = criteria;
    const rows = await this.#database.read<RawMessage>({
      text: isForwards ? this.#sql.forwards : this.#sql.backwards,
      // prettier-ignore
      values: [archive, after, archive, before, from, until, nick, nick, occupant, occupant, count],
    });
    return rows.map(messageOf);
  }

  /** The row that lies this far inside a span, from the side that is asked for; `undefined` if there are fewer. */
  edge(
    { archive, after, before }: Span,
    isForwards: boolean,
    count: number,
  ): Promise<number | undefined> {
    const text = isForwards ? this.#sql.edgeForwards : this.#sql.edgeBackwards;
    return this.#number(text, [archive, after, archive, before, count]);
  }

  async byId(archive: number, stanzaId: string): Promise<ArchivedMessage | undefined> {
    const id = numberOf(stanzaId);
    if (id === undefined) return undefined;
    const values = [id, archive, markOf(stanzaId)];
    const [row] = await this.#database.read<RawMessage>({ text: this.#sql.byId, values });
    return row && messageOf(row);
  }

  /** How many rows there are in a span; counts no further than `limit`. */
  async count({ archive, after, before }: Span, limit: number): Promise<number> {
    return (await this.#number(this.#sql.count, [archive, after, archive, before, limit])) ?? 0;
  }

  async rewrite(id: number, content: string): Promise<void> {
    const query: Query = {
      text: 'UPDATE archived SET content = ? WHERE id = ?',
      values: [content, id],
    };
    await this.#database.run(query);
  }

  async #number(text: string, values: readonly unknown[]): Promise<number | undefined> {
    const query = { text, values };
    const [row] = await this.#database.read<{ readonly number: number | null }>(query);
    return row?.number ?? undefined;
  }
}

function messageOf(row: RawMessage): ArchivedMessage {
  return {
    stanzaId: stanzaIdOf(row.id, row.mark),
    at: row.at,
    nick: row.nick,
    occupantId: row.occupant_id,
    messageId: row.message_id,
    networkId: row.network_id,
    content: row.content,
  };
}
