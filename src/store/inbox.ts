import type { CredentialBox } from './credential-box.ts';
import type { DeliveryPlace } from './delivery-place.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Statements } from './statements.ts';

const SWEEP_COUNT = 500;

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
  /** What the network calls it; unique within the chat. */
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
  readonly written: Promise<void>;
}

/** What networks told on its way to users, and what is left of it afterwards. All access is synchronous and short. */
export class InboxStore {
  readonly commit: GroupCommit;
  readonly #statements: Statements;
  readonly #box: CredentialBox;
  #lastId: number;
  #over: Over | undefined;

  constructor(statements: Statements, box: CredentialBox, commit: GroupCommit) {
    this.#statements = statements;
    this.#box = box;
    this.commit = commit;
    this.#lastId = statements.number('SELECT max(id) AS number FROM inbox');
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Part of a piece of a group commit. @returns `false` when it was there before */
  add(place: DeliveryPlace, row: NewInboxRow): boolean {
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    const { id, chat, name, digest, stanzaId, state, createdAt } = row;
    const changes = this.#statements.run(
      `INSERT INTO inbox (id, gateway, user, chat, name, digest, stanza_id, state, bounces, created_at, content)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
        ON CONFLICT (gateway, user, chat, name) DO UPDATE SET id = excluded.id, digest = excluded.digest,
          stanza_id = excluded.stanza_id, state = excluded.state, bounces = 0,
          created_at = excluded.created_at, content = excluded.content
        WHERE digest <> excluded.digest`,
      [id, place.gateway, place.user, chat, name, digest, stanzaId, state, createdAt, content],
    );
    return changes > 0;
  }

  /** The user has it. On disk when it resolves, written together with others. */
  done(id: number): Promise<void> {
    this.#over ??= this.#openOver();
    this.#over.ids.push(id);
    return this.#over.written;
  }

  #openOver(): Over {
    const ids: number[] = [];
    const written = this.commit.write(() => {
      this.#over = undefined;
      this.#statements.run(
        "UPDATE inbox SET state = 'done' WHERE id IN (SELECT value FROM json_each(?))",
        [JSON.stringify(ids)],
      );
    });
    return { ids, written };
  }

  /** It is told when the user is there. Part of a piece of a group commit. */
  waits(id: number): void {
    this.#statements.run("UPDATE inbox SET state = 'bounced' WHERE id = ?", [id]);
  }

  /** It came back. Part of a piece of a group commit. */
  bounced(id: number): void {
    this.#statements.run("UPDATE inbox SET state = 'bounced', bounces = bounces + 1 WHERE id = ?", [
      id,
    ]);
  }

  /** What came back, or what a contact wrote before the user agreed to it, is to be told now. */
  release(place: DeliveryPlace, from: 'held' | 'bounced', chat?: string): Promise<number> {
    const [condition, values] = chat === undefined ? ['', []] : [' AND chat = ?', [chat]];
    return this.commit.write(() =>
      this.#statements.run(
        `UPDATE inbox SET state = 'new' WHERE gateway = ? AND user = ? AND state = ?${condition}`,
        [place.gateway, place.user, from, ...values],
      ),
    );
  }

  /** The user does not want to hear from a contact. */
  drop(place: DeliveryPlace, chat: string): Promise<number> {
    return this.commit.write(() =>
      this.#statements.run(
        "DELETE FROM inbox WHERE gateway = ? AND user = ? AND state = 'held' AND chat = ?",
        [place.gateway, place.user, chat],
      ),
    );
  }

  /** @param chat without it, in any */
  hasHeld(place: DeliveryPlace, chat?: string): boolean {
    const { gateway, user } = place;
    const held = "SELECT 1 FROM inbox WHERE gateway = ? AND user = ? AND state = 'held'";
    return chat === undefined
      ? this.#statements.number(`SELECT EXISTS (${held}) AS number`, [gateway, user]) > 0
      : this.#statements.number(`SELECT EXISTS (${held} AND chat = ?) AS number`, [
          gateway,
          user,
          chat,
        ]) > 0;
  }

  hasBounced(place: DeliveryPlace): boolean {
    return (
      this.#statements.number(
        "SELECT EXISTS (SELECT 1 FROM inbox WHERE gateway = ? AND user = ? AND state = 'bounced') AS number",
        [place.gateway, place.user],
      ) > 0
    );
  }

  /** What is yet to be told, in order. */
  pending(place: DeliveryPlace, limit: number, except: ReadonlySet<number>): InboxRow[] {
    return this.#rows(place, "state = 'new' ORDER BY id LIMIT ?", [limit + except.size])
      .filter(({ id }) => !except.has(id))
      .slice(0, limit);
  }

  usersWithPending(gateway: string): string[] {
    return this.#statements
      .all<{
        readonly user: string;
      }>("SELECT DISTINCT user FROM inbox WHERE state = 'new' AND gateway = ?", [gateway])
      .map(({ user }) => user);
  }

  byStanzaId(place: DeliveryPlace, chat: string, stanzaId: string): InboxRow | undefined {
    return this.#rows(place, 'chat = ? AND stanza_id = ?', [chat, stanzaId])[0];
  }

  byName(place: DeliveryPlace, chat: string, name: string): InboxRow | undefined {
    return this.#rows(place, 'chat = ? AND name = ?', [chat, name])[0];
  }

  count(gateway: string): number {
    return this.#statements.number(
      "SELECT count(*) AS number FROM inbox WHERE state = 'new' AND gateway = ?",
      [gateway],
    );
  }

  clear({ gateway, user }: DeliveryPlace): Promise<void> {
    return this.commit.write(() => {
      this.#statements.run('DELETE FROM inbox WHERE gateway = ? AND user = ?', [gateway, user]);
    });
  }

  /** Forgets some of what has been over for long; `true` when there may be more. */
  sweep(before: number): Promise<boolean> {
    return this.commit.write(
      () =>
        this.#statements.run(
          `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state <> 'new' AND created_at < ? ORDER BY id LIMIT ${SWEEP_COUNT})`,
          [before],
        ) === SWEEP_COUNT,
    );
  }

  #rows(place: DeliveryPlace, condition: string, values: readonly unknown[]): InboxRow[] {
    return this.#statements
      .all<RawRow>(
        `SELECT id, chat, name, stanza_id, state, bounces, created_at, content FROM inbox WHERE gateway = ? AND user = ? AND ${condition}`,
        [place.gateway, place.user, ...values],
      )
      .map(({ stanza_id: stanzaId, created_at: createdAt, content, ...row }) => ({
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
