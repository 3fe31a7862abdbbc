import type { CredentialBox } from './credential-box.ts';
import type { DeliveryPlace } from './delivery-place.ts';
import { indexedName } from './indexed-name.ts';
import { numberIn } from './message-database.ts';
import type { MessageDatabase, Query } from './message-database.ts';
import { nextStep } from './sweeping.ts';

/** What is in any other state has an index of its own; without these words it is looked for among all. */
const OPEN = "state <> 'done'";

/**
 * `new` until the Jabber server has it for certain; `held` until the user has agreed to hear from the contact;
 * `bounced` until she is there again.
 */
export type InboxState = 'new' | 'held' | 'bounced' | 'done';

/** Something that the network told a user; what it says is encrypted. */
export interface InboxRow {
  readonly id: number;
  /** An address in text. */
  readonly chat: string;
  /** What it is called; unique within the chat. Of one that is very long, what it is found by. */
  readonly name: string;
  /** The id of its first stanza. */
  readonly stanzaId: string;
  readonly state: InboxState;
  /** How often it came back. */
  readonly bounces: number;
  readonly createdAt: number;
  /** The event. */
  readonly content: string;
}

export interface NewInboxRow extends Omit<InboxRow, 'bounces'> {
  /** What it says may change while it is called the same: with another digest it is told again. */
  readonly digest: string;
}

interface RawRow {
  readonly id: number;
  readonly chat: string;
  readonly name: string;
  readonly stanza_id: string;
  readonly state: InboxState;
  readonly bounces: number;
  readonly created_at: number;
  readonly content: Uint8Array;
}

/** What will be marked as done together. */
interface Over {
  readonly ids: number[];
  readonly written: Promise<unknown>;
}

/** What networks told on its way to users, and what is left of it afterwards. */
export class InboxStore {
  readonly database: MessageDatabase;
  readonly #box: CredentialBox;
  #lastId: number;
  #over: Over | undefined;

  private constructor(database: MessageDatabase, box: CredentialBox, lastId: number) {
    this.database = database;
    this.#box = box;
    this.#lastId = lastId;
  }

  static async open(database: MessageDatabase, box: CredentialBox): Promise<InboxStore> {
    const lastId = await numberIn(database, 'SELECT max(id) AS number FROM inbox');
    return new InboxStore(database, box, lastId);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Keeps an event. One row is changed by it, or none when it was there before. */
  add(place: DeliveryPlace, row: NewInboxRow): Query {
    const { gateway, user } = place;
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    const { id, chat, name, digest, stanzaId, state, createdAt } = row;
    return {
      text: `INSERT INTO inbox (id, gateway, "user", chat, name, digest, stanza_id, state, bounces, created_at, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
        ON CONFLICT (gateway, "user", chat, name) DO UPDATE SET id = excluded.id, digest = excluded.digest,
          stanza_id = excluded.stanza_id, state = excluded.state, bounces = 0,
          created_at = excluded.created_at, content = excluded.content
        WHERE inbox.digest <> excluded.digest`,
      // prettier-ignore
      values: [id, gateway, user, chat, indexedName(name), digest, stanzaId, state, createdAt, content],
    };
  }

  /** The user has it. On disk when it resolves, written together with others. */
  done(id: number): Promise<unknown> {
    this.#over ??= this.#openOver();
    this.#over.ids.push(id);
    return this.#over.written;
  }

  #openOver(): Over {
    const ids: number[] = [];
    const written = this.database.write(() => {
      this.#over = undefined;
      return [
        {
          text: `UPDATE inbox SET state = 'done' WHERE id IN (${this.database.listed})`,
          values: [JSON.stringify(ids)],
        },
      ];
    });
    return { ids, written };
  }

  /** It is told when the user is there; that it came back is not held against it. */
  waits(id: number): Promise<unknown> {
    return this.database.write([
      { text: "UPDATE inbox SET state = 'bounced' WHERE id = ?", values: [id] },
    ]);
  }

  /** It came back. */
  bounced(id: number): Promise<unknown> {
    return this.database.write([
      {
        text: "UPDATE inbox SET state = 'bounced', bounces = bounces + 1 WHERE id = ?",
        values: [id],
      },
    ]);
  }

  /** One that came back is to be told now. */
  releaseOne(id: number): Promise<unknown> {
    return this.database.write([
      { text: "UPDATE inbox SET state = 'new' WHERE id = ? AND state = 'bounced'", values: [id] },
    ]);
  }

  /** What came back, or what a contact wrote before the user agreed to it, is to be told now. */
  release(
    { gateway, user }: DeliveryPlace,
    from: 'held' | 'bounced',
    chat?: string,
  ): Promise<unknown> {
    const [condition, values] = chat === undefined ? ['', []] : [' AND chat = ?', [chat]];
    return this.database.write([
      {
        text: `UPDATE inbox SET state = 'new' WHERE gateway = ? AND "user" = ? AND ${OPEN} AND state = ?${condition}`,
        values: [gateway, user, from, ...values],
      },
    ]);
  }

  /** The user does not want to hear from a contact. */
  drop({ gateway, user }: DeliveryPlace, chat: string): Promise<unknown> {
    return this.database.write([
      {
        text: `DELETE FROM inbox WHERE gateway = ? AND "user" = ? AND ${OPEN} AND state = 'held' AND chat = ?`,
        values: [gateway, user, chat],
      },
    ]);
  }

  /** Whether the user has something in this state. */
  async has({ gateway, user }: DeliveryPlace, state: 'held' | 'bounced'): Promise<boolean> {
    const rows = await this.database.read(
      `SELECT 1 AS number FROM inbox WHERE gateway = ? AND "user" = ? AND ${OPEN} AND state = ? LIMIT 1`,
      [gateway, user, state],
    );
    return rows.length > 0;
  }

  /** What is yet to be told, in order. */
  async pending(
    place: DeliveryPlace,
    limit: number,
    except: ReadonlySet<number>,
  ): Promise<InboxRow[]> {
    const rows = await this.#rows(place, `state = 'new' AND ${OPEN} ORDER BY id LIMIT ?`, [
      limit + except.size,
    ]);
    return rows.filter(({ id }) => !except.has(id)).slice(0, limit);
  }

  /** The first of what came back. */
  async firstBounced(place: DeliveryPlace): Promise<number | undefined> {
    return (await this.#rows(place, `state = 'bounced' AND ${OPEN} ORDER BY id LIMIT 1`, []))[0]
      ?.id;
  }

  /** The bare JIDs of users who have something in this state. */
  async usersWith(gateway: string, state: 'new' | 'bounced'): Promise<string[]> {
    const rows = await this.database.read<{ readonly user: string }>(
      `SELECT DISTINCT "user" FROM inbox WHERE ${OPEN} AND state = ? AND gateway = ?`,
      [state, gateway],
    );
    return rows.map(({ user }) => user);
  }

  async byStanzaId(
    place: DeliveryPlace,
    chat: string,
    stanzaId: string,
  ): Promise<InboxRow | undefined> {
    return (await this.#rows(place, 'chat = ? AND stanza_id = ?', [chat, stanzaId]))[0];
  }

  async byName(place: DeliveryPlace, chat: string, name: string): Promise<InboxRow | undefined> {
    return (await this.#rows(place, 'chat = ? AND name = ?', [chat, indexedName(name)]))[0];
  }

  count(gateway: string): Promise<number> {
    return numberIn(
      this.database,
      `SELECT count(*) AS number FROM inbox WHERE ${OPEN} AND state = 'new' AND gateway = ?`,
      [gateway],
    );
  }

  async clear({ gateway, user }: DeliveryPlace): Promise<void> {
    await this.database.write([
      { text: 'DELETE FROM inbox WHERE gateway = ? AND "user" = ?', values: [gateway, user] },
    ]);
  }

  /** Forgets some of what has been over for long. @returns the row to go on after, when there may be more */
  async sweep(before: number, after: number): Promise<number | undefined> {
    const last = await nextStep(this.database, 'inbox', { before, after });
    if (last === undefined) return undefined;
    await this.database.write([
      {
        text: "DELETE FROM inbox WHERE id > ? AND id <= ? AND state <> 'new' AND created_at < ?",
        values: [after, last, before],
      },
    ]);
    return last;
  }

  async #rows(
    place: DeliveryPlace,
    condition: string,
    values: readonly unknown[],
  ): Promise<InboxRow[]> {
    const rows = await this.database.read<RawRow>(
      `SELECT id, chat, name, stanza_id, state, bounces, created_at, content FROM inbox WHERE gateway = ? AND "user" = ? AND ${condition}`,
      [place.gateway, place.user, ...values],
    );
    return rows.map(({ stanza_id: stanzaId, created_at: createdAt, content, ...row }) => ({
      ...row,
      stanzaId,
      createdAt,
      content: this.#box.open(content, sealOf(place, row.id)),
    }));
  }
}

function sealOf({ gateway, user }: DeliveryPlace, id: number): string {
  return `inbox\0${gateway}\0${user}\0${id}`;
}
