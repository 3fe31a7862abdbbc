import type Database from 'libsql';
import { markOf, numberOf, stanzaIdOf } from './archive-ids.ts';
import type { ArchivePlace, ArchiveRow } from './archive.ts';

/** A row as it was read. */
export type ArchivedMessage = Omit<ArchiveRow, 'archive'>;

const COLUMNS = 'id, mark, at, nick, occupant_id, message_id, network_id, content';
const WITHIN = 'archive = :archive AND id > :after AND id < :before';
const MATCHING = `${WITHIN} AND at >= :from AND at <= :until
  AND (:nick IS NULL OR nick = :nick) AND (:occupant IS NULL OR occupant_id = :occupant)`;

/** The statements that pages are read with. None of them may look at more than the rows it asks for. */
export const ARCHIVE_SQL = {
  forwards: `SELECT ${COLUMNS} FROM archived WHERE ${MATCHING} ORDER BY id LIMIT :count`,
  backwards: `SELECT ${COLUMNS} FROM archived WHERE ${MATCHING} ORDER BY id DESC LIMIT :count`,
  edgeForwards: `SELECT id FROM archived WHERE ${WITHIN} ORDER BY id LIMIT 1 OFFSET :count`,
  edgeBackwards: `SELECT id FROM archived WHERE ${WITHIN} ORDER BY id DESC LIMIT 1 OFFSET :count`,
  byId: `SELECT ${COLUMNS} FROM archived WHERE id = :id AND archive = :archive AND mark = :mark`,
  count: `SELECT count(*) AS count FROM (SELECT 1 FROM archived WHERE ${WITHIN} LIMIT :count)`,
} as const;

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

type Statement = Database.Statement<[Readonly<Record<string, unknown>>]>;

/** Reads the archive; the statements are prepared once. */
export class ArchiveReader {
  readonly #find: Database.Statement<unknown[]>;
  readonly #lag: Database.Statement<unknown[]>;
  readonly #lastArchive: Database.Statement<unknown[]>;
  readonly #lastRow: Database.Statement<unknown[]>;
  readonly #removed: Database.Statement<unknown[]>;
  readonly #rewrite: Database.Statement<unknown[]>;
  readonly #pages: { readonly [Name in keyof typeof ARCHIVE_SQL]: Statement };

  constructor(sqlite: Database.Database) {
    this.#find = sqlite.prepare(
      'SELECT id FROM archives WHERE gateway = ? AND user = ? AND room = ?',
    );
    this.#lag = sqlite.prepare('SELECT lag FROM archives WHERE id = ?');
    this.#lastArchive = sqlite.prepare('SELECT max(id) AS id FROM archives');
    this.#lastRow = sqlite.prepare('SELECT max(id) AS id FROM archived');
    this.#removed = sqlite.prepare("SELECT max(id) AS id FROM archives WHERE gateway = ''");
    this.#rewrite = sqlite.prepare('UPDATE archived SET content = ? WHERE id = ?');
    const statement = (text: string): Statement => sqlite.prepare(text);
    this.#pages = {
      forwards: statement(ARCHIVE_SQL.forwards),
      backwards: statement(ARCHIVE_SQL.backwards),
      edgeForwards: statement(ARCHIVE_SQL.edgeForwards),
      edgeBackwards: statement(ARCHIVE_SQL.edgeBackwards),
      byId: statement(ARCHIVE_SQL.byId),
      count: statement(ARCHIVE_SQL.count),
    };
  }

  find({ gateway, user, room }: ArchivePlace): number | undefined {
    return numberAt(this.#find.get(gateway, user, room), 'id');
  }

  lag(archive: number): number {
    return numberAt(this.#lag.get(archive), 'lag') ?? 0;
  }

  lastArchive(): number {
    return numberAt(this.#lastArchive.get(), 'id') ?? 0;
  }

  lastRow(): number {
    return numberAt(this.#lastRow.get(), 'id') ?? 0;
  }

  /** An archive that was taken away and has rows yet. */
  lastRemoved(): number | undefined {
    return numberAt(this.#removed.get(), 'id');
  }

  /** Rows in the order in which they are looked for. */
  rows(criteria: Criteria, isForwards: boolean, count: number): ArchivedMessage[] {
    const statement = isForwards ? this.#pages.forwards : this.#pages.backwards;
    return statement.all({ ...criteria, count }).map(messageOf);
  }

  /** The row that lies this far inside a span, from the side that is asked for; `undefined` if there are fewer. */
  edge({ archive, after, before }: Span, isForwards: boolean, count: number): number | undefined {
    const statement = isForwards ? this.#pages.edgeForwards : this.#pages.edgeBackwards;
    return numberAt(statement.get({ archive, after, before, count }), 'id');
  }

  byId(archive: number, stanzaId: string): ArchivedMessage | undefined {
    const id = numberOf(stanzaId);
    if (id === undefined) return undefined;
    const row = this.#pages.byId.get({ archive, id, mark: markOf(stanzaId) });
    return row === undefined ? undefined : messageOf(row);
  }

  /** How many rows there are in a span; counts no further than `limit`. */
  count({ archive, after, before }: Span, limit: number): number {
    return numberAt(this.#pages.count.get({ archive, after, before, count: limit }), 'count') ?? 0;
  }

  rewrite(id: number, content: string): void {
    this.#rewrite.run(content, id);
  }
}

function numberAt(row: unknown, name: string): number | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const value: unknown = Reflect.get(row, name);
  return typeof value === 'number' ? value : undefined;
}

function textAt(row: object, name: string): string {
  const value: unknown = Reflect.get(row, name);
  return typeof value === 'string' ? value : '';
}

function messageOf(row: unknown): ArchivedMessage {
  if (typeof row !== 'object' || row === null) throw new Error('a row that is no object');
  return {
    stanzaId: stanzaIdOf(numberAt(row, 'id') ?? 0, textAt(row, 'mark')),
    at: numberAt(row, 'at') ?? 0,
    nick: textAt(row, 'nick'),
    occupantId: textAt(row, 'occupant_id'),
    messageId: textAt(row, 'message_id'),
    networkId: textAt(row, 'network_id'),
    content: textAt(row, 'content'),
  };
}
