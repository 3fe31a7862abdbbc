import type { CredentialBox } from './credential-box.ts';
import type { DeliveryPlace } from './delivery-place.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Statements } from './statements.ts';

/** As long as this, a stanza that comes again with the same id and text is the same message. */
const SAME_MS = 600_000;
const SWEEP_COUNT = 500;

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

/** Messages of users on their way to networks, and what is left of them afterwards. All access is synchronous and short. */
export class OutboxStore {
  readonly #statements: Statements;
  readonly #box: CredentialBox;
  readonly commit: GroupCommit;
  #lastId: number;

  constructor(statements: Statements, box: CredentialBox, commit: GroupCommit) {
    this.#statements = statements;
    this.#box = box;
    this.commit = commit;
    this.#lastId = this.#statements.number('SELECT max(id) AS number FROM outbox');
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** On disk when it resolves; `false` when the message was there before. */
  add(place: DeliveryPlace, row: NewOutboxRow): Promise<boolean> {
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    return this.commit.write(() => {
      if (row.origin !== undefined) {
        this.#statements.run(
          'UPDATE outbox SET origin = NULL WHERE gateway = ? AND user = ? AND origin = ? AND created_at < ?',
          [place.gateway, place.user, row.origin, row.createdAt - SAME_MS],
        );
      }
      const { id, key, chat, stanzaId, origin, state, attempt, dueAt, createdAt } = row;
      return (
        this.#statements.run(
          `INSERT OR IGNORE INTO outbox
            (id, gateway, user, chat, key, stanza_id, origin, state, attempt, due_at, created_at, content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            id,
            place.gateway,
            place.user,
            chat,
            key,
            stanzaId,
            origin ?? null,
            state,
            attempt,
            dueAt,
            createdAt,
            content,
          ],
        ) > 0
      );
    });
  }

  /** Part of a piece of a group commit. */
  update(id: number, change: Pick<OutboxRow, 'state' | 'attempt' | 'dueAt'>): void {
    this.#statements.run('UPDATE outbox SET state = ?, attempt = ?, due_at = ? WHERE id = ?', [
      change.state,
      change.attempt,
      change.dueAt,
      id,
    ]);
  }

  /** The network has taken it. Part of a piece of a group commit. */
  done(
    place: DeliveryPlace,
    row: Pick<OutboxRow, 'id' | 'content'>,
    names: readonly string[],
  ): void {
    const content = this.#box.seal(row.content, sealOf(place, row.id));
    this.#statements.run("UPDATE outbox SET state = 'done', content = ? WHERE id = ?", [
      content,
      row.id,
    ]);
    for (const name of names) {
      this.#statements.run(
        'INSERT OR REPLACE INTO outbox_names (gateway, user, chat, name, outbox) SELECT gateway, user, chat, ?, id FROM outbox WHERE id = ?',
        [name, row.id],
      );
    }
  }

  /** It is given up; the user may send the same again. Part of a piece of a group commit. */
  failed(id: number): void {
    this.#statements.run("UPDATE outbox SET state = 'failed', origin = NULL WHERE id = ?", [id]);
  }

  /** What is yet to be sent, in order. */
  pending(place: DeliveryPlace): OutboxRow[] {
    return this.#rows(place, "state IN ('waiting', 'sending') ORDER BY id", []);
  }

  usersWithPending(gateway: string): string[] {
    return this.#statements
      .all<{ readonly user: string }>(
        "SELECT DISTINCT user FROM outbox WHERE state IN ('waiting', 'sending') AND gateway = ?",
        [gateway],
      )
      .map(({ user }) => user);
  }

  find(place: DeliveryPlace, id: number): OutboxRow | undefined {
    return this.#rows(place, 'id = ?', [id])[0];
  }

  byKey(place: DeliveryPlace, key: string): OutboxRow | undefined {
    return this.#rows(place, 'key = ?', [key])[0];
  }

  byStanzaId(place: DeliveryPlace, chat: string, stanzaId: string): OutboxRow | undefined {
    return this.#rows(place, 'chat = ? AND stanza_id = ? ORDER BY id DESC LIMIT 1', [
      chat,
      stanzaId,
    ])[0];
  }

  byName(place: DeliveryPlace, chat: string, name: string): OutboxRow | undefined {
    return this.#rows(
      place,
      'id = (SELECT outbox FROM outbox_names WHERE gateway = ? AND user = ? AND chat = ? AND name = ?)',
      [place.gateway, place.user, chat, name],
    )[0];
  }

  names(place: DeliveryPlace, row: Pick<OutboxRow, 'chat' | 'id'>): string[] {
    return this.#statements
      .all<{ readonly name: string }>(
        'SELECT name FROM outbox_names WHERE gateway = ? AND user = ? AND chat = ? AND outbox = ? ORDER BY rowid',
        [place.gateway, place.user, row.chat, row.id],
      )
      .map(({ name }) => name);
  }

  count(gateway: string): number {
    return this.#statements.number(
      "SELECT count(*) AS number FROM outbox WHERE state IN ('waiting', 'sending') AND gateway = ?",
      [gateway],
    );
  }

  clear({ gateway, user }: DeliveryPlace): Promise<void> {
    return this.commit.write(() => {
      this.#statements.run('DELETE FROM outbox WHERE gateway = ? AND user = ?', [gateway, user]);
      this.#statements.run('DELETE FROM outbox_names WHERE gateway = ? AND user = ?', [
        gateway,
        user,
      ]);
    });
  }

  /** Forgets some of what has been over for long; `true` when there may be more. */
  sweep(before: number): Promise<boolean> {
    return this.commit.write(() => {
      const old = `SELECT id FROM outbox WHERE state IN ('done', 'failed') AND created_at < ? ORDER BY id LIMIT ${SWEEP_COUNT}`;
      this.#statements.run(`DELETE FROM outbox_names WHERE outbox IN (${old})`, [before]);
      return (
        this.#statements.run(`DELETE FROM outbox WHERE id IN (${old})`, [before]) === SWEEP_COUNT
      );
    });
  }

  #rows(place: DeliveryPlace, condition: string, values: readonly unknown[]): OutboxRow[] {
    return this.#statements
      .all<RawRow>(
        `SELECT id, key, chat, state, attempt, due_at, created_at, content FROM outbox WHERE gateway = ? AND user = ? AND ${condition}`,
        [place.gateway, place.user, ...values],
      )
      .map(({ due_at: dueAt, created_at: createdAt, content, ...row }) => ({
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
