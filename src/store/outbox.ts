import type { CredentialBox } from './credential-box.ts';
import type { DeliveryPlace } from './delivery-place.ts';
import { indexedName } from './indexed-name.ts';
import { numberIn } from './message-database.ts';
import type { MessageDatabase, Query } from './message-database.ts';
import { nextStep } from './sweeping.ts';

/** As long as this, a stanza that comes again with the same id and text is the same message. */
const SAME_MS = 600_000;
const PAGE_COUNT = 500;
const PENDING = "state IN ('waiting', 'sending') AND id > ? ORDER BY id LIMIT ?";

/** `sending` is on disk before the network is given the message: it may have been, if the row is found so at a start. */
export type OutboxState = 'waiting' | 'sending' | 'done' | 'failed';

/** A message of a user as it is kept; what it says is encrypted. */
export interface OutboxRow {
  readonly id: number;
  /** That of the border's Outgoing. */
  readonly key: string;
  /** An address in text. */
  readonly chat: string;
  readonly state: OutboxState;
  /** How often the network was given it. */
  readonly attempt: number;
  readonly dueAt: number;
  readonly createdAt: number;
  /** What it says; once it is done, only what later messages may refer to. */
  readonly content: string;
}

export interface NewOutboxRow extends Omit<OutboxRow, 'state'> {
  readonly state: 'waiting' | 'sending';
  /** The `id` attribute of the stanza; empty without one. */
  readonly stanzaId: string;
  /** The same for a stanza that comes again; absent when that cannot be told. */
  readonly origin: string | undefined;
}

interface RawRow {
  readonly id: number;
  readonly key: string;
  readonly chat: string;
  readonly state: OutboxState;
  readonly attempt: number;
  readonly due_at: number;
  readonly created_at: number;
  readonly content: Uint8Array;
}

/** Messages of users on their way to networks, and what is left of them afterwards. */
export class OutboxStore {
  readonly database: MessageDatabase;
  readonly #box: CredentialBox;
  #lastId: number;

  private constructor(database: MessageDatabase, box: CredentialBox, lastId: number) {
    this.database = database;
    this.#box = box;
    this.#lastId = lastId;
  }

  static async open(database: MessageDatabase, box: CredentialBox): Promise<OutboxStore> {
    const lastId = await numberIn(database, 'SELECT max(id) AS number FROM outbox');
    return new OutboxStore(database, box, lastId);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** On disk when it resolves; `false` when the message was there before. */
  async add(place: DeliveryPlace, row: NewOutboxRow): Promise<boolean> {
    const { gateway, user } = place;
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    const { id, key, chat, stanzaId, origin = null, state, attempt, dueAt, createdAt } = row;
    const insert: Query = {
      text: `INSERT INTO outbox
        (id, gateway, "user", chat, key, stanza_id, origin, state, attempt, due_at, created_at, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      // prettier-ignore
      values: [id, gateway, user, chat, key, indexedName(stanzaId), origin, state, attempt, dueAt, createdAt, content],
    };
    if (origin === null) return (await this.database.write([insert]))[0] === 1;
    const forget: Query = {
      text: 'UPDATE outbox SET origin = NULL WHERE gateway = ? AND "user" = ? AND origin = ? AND created_at < ?',
      values: [gateway, user, origin, createdAt - SAME_MS],
    };
    return (await this.database.write([forget, insert]))[1] === 1;
  }

  /** On disk when it resolves. */
  async update(id: number, change: Pick<OutboxRow, 'state' | 'attempt' | 'dueAt'>): Promise<void> {
    const { state, attempt, dueAt } = change;
    await this.database.write([
      {
        text: 'UPDATE outbox SET state = ?, attempt = ?, due_at = ? WHERE id = ?',
        values: [state, attempt, dueAt, id],
      },
    ]);
  }

  /** The network has it, under these names. @param row whose content is what later messages may refer to */
  done(
    place: DeliveryPlace,
    row: Pick<OutboxRow, 'id' | 'content'>,
    names: readonly string[],
  ): Query[] {
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    const done: Query = {
      text: "UPDATE outbox SET state = 'done', content = ? WHERE id = ?",
      values: [content, row.id],
    };
    const named = names.map((name, position) => {
      const found = indexedName(name);
      return {
        text: `INSERT INTO outbox_names (gateway, "user", chat, name, whole, outbox, position)
          SELECT gateway, "user", chat, CAST(? AS TEXT), CAST(? AS TEXT), id, CAST(? AS INTEGER)
            FROM outbox WHERE id = ?
          ON CONFLICT (gateway, "user", chat, name)
          DO UPDATE SET outbox = excluded.outbox, position = excluded.position`,
        values: [found, found === name ? null : name, position, row.id],
      };
    });
    return [done, ...named];
  }

  /** It is given up; the user may send the same again. */
  failed(id: number): Query {
    return { text: "UPDATE outbox SET state = 'failed', origin = NULL WHERE id = ?", values: [id] };
  }

  /** What is yet to be sent, in order; a few hundred are read at once. */
  async *pending(place: DeliveryPlace): AsyncGenerator<OutboxRow, void> {
    let last: OutboxRow | undefined;
    for (;;) {
      const rows = await this.#rows(place, PENDING, [last?.id ?? 0, PAGE_COUNT]);
      yield* rows;
      last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_COUNT) return;
    }
  }

  async usersWithPending(gateway: string): Promise<string[]> {
    const rows = await this.database.read<{ readonly user: string }>(
      `SELECT DISTINCT "user" FROM outbox WHERE state IN ('waiting', 'sending') AND gateway = ?`,
      [gateway],
    );
    return rows.map(({ user }) => user);
  }

  async find(place: DeliveryPlace, id: number): Promise<OutboxRow | undefined> {
    return (await this.#rows(place, 'id = ?', [id]))[0];
  }

  async byKey(place: DeliveryPlace, key: string): Promise<OutboxRow | undefined> {
    return (await this.#rows(place, 'key = ?', [key]))[0];
  }

  async byStanzaId(
    place: DeliveryPlace,
    chat: string,
    stanzaId: string,
  ): Promise<OutboxRow | undefined> {
    const last = 'chat = ? AND stanza_id = ? ORDER BY id DESC LIMIT 1';
    return (await this.#rows(place, last, [chat, indexedName(stanzaId)]))[0];
  }

  async byName(place: DeliveryPlace, chat: string, name: string): Promise<OutboxRow | undefined> {
    const named =
      'id = (SELECT outbox FROM outbox_names WHERE gateway = ? AND "user" = ? AND chat = ? AND name = ?)';
    return (
      await this.#rows(place, named, [place.gateway, place.user, chat, indexedName(name)])
    )[0];
  }

  /** What the network calls it, in the order of its parts. */
  async names(place: DeliveryPlace, row: Pick<OutboxRow, 'chat' | 'id'>): Promise<string[]> {
    const rows = await this.database.read<{ readonly name: string }>(
      `SELECT coalesce(whole, name) AS name FROM outbox_names WHERE gateway = ? AND "user" = ? AND chat = ? AND outbox = ?
        ORDER BY position`,
      [place.gateway, place.user, row.chat, row.id],
    );
    return rows.map(({ name }) => name);
  }

  count(gateway: string): Promise<number> {
    return numberIn(
      this.database,
      "SELECT count(*) AS number FROM outbox WHERE state IN ('waiting', 'sending') AND gateway = ?",
      [gateway],
    );
  }

  async clear({ gateway, user }: DeliveryPlace): Promise<void> {
    await this.database.write(
      ['outbox', 'outbox_names'].map((table) => ({
        text: `DELETE FROM ${table} WHERE gateway = ? AND "user" = ?`,
        values: [gateway, user],
      })),
    );
  }

  /** Forgets some of what has been over for long. @returns the row to go on after, when there may be more */
  async sweep(before: number, after: number): Promise<number | undefined> {
    const last = await nextStep(this.database, 'outbox', { before, after });
    if (last === undefined) return undefined;
    const old = "id > ? AND id <= ? AND state IN ('done', 'failed') AND created_at < ?";
    const values = [after, last, before];
    await this.database.write([
      {
        text: `DELETE FROM outbox_names WHERE outbox IN (SELECT id FROM outbox WHERE ${old})`,
        values,
      },
      { text: `DELETE FROM outbox WHERE ${old}`, values },
    ]);
    return last;
  }

  async #rows(
    place: DeliveryPlace,
    condition: string,
    values: readonly unknown[],
  ): Promise<OutboxRow[]> {
    const rows = await this.database.read<RawRow>(
      `SELECT id, key, chat, state, attempt, due_at, created_at, content FROM outbox WHERE gateway = ? AND "user" = ? AND ${condition}`,
      [place.gateway, place.user, ...values],
    );
    return rows.map(({ due_at: dueAt, created_at: createdAt, content, ...row }) => ({
      ...row,
      dueAt,
      createdAt,
      content: this.#box.open(content, sealOf(place, row.id)),
    }));
  }
}

function sealOf({ gateway, user }: DeliveryPlace, id: number): string {
  return `outbox\0${gateway}\0${user}\0${id}`;
}
