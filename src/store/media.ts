import type { Kysely } from 'kysely';
import type { CredentialBox } from './credential-box.ts';
import type { Tables } from './database.ts';

/** A file of a network that a user can fetch from us. Its content is on disk under its id. */
export interface MediaRow {
  readonly id: string;
  readonly gateway: string;
  readonly user: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  readonly name: string;
  readonly type: string;
  /** Where it was uploaded to, if it was. */
  readonly uploadedTo?: string;
}

/** What is known of files that are kept; what they are called is encrypted. */
export class MediaStore {
  readonly #db: Kysely<Tables>;
  readonly #box: CredentialBox;

  constructor(db: Kysely<Tables>, box: CredentialBox) {
    this.#db = db;
    this.#box = box;
  }

  async add({ id, gateway, user, sizeBytes, createdAt, ...about }: MediaRow): Promise<void> {
    await this.#db
      .insertInto('media')
      .values({
        id,
        gateway,
        user,
        size: sizeBytes,
        created_at: createdAt,
        about: this.#box.seal(JSON.stringify(about), sealOf(id)),
      })
      .execute();
  }

  async find(id: string): Promise<MediaRow | undefined> {
    const row = await this.#db
      .selectFrom('media')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const about = JSON.parse(this.#box.open(row.about, sealOf(id))) as Pick<
      MediaRow,
      'name' | 'type' | 'uploadedTo'
    >;
    const { gateway, user, size: sizeBytes, created_at: createdAt } = row;
    return { id, gateway, user, sizeBytes, createdAt, ...about };
  }

  async uploaded(row: MediaRow, uploadedTo: string): Promise<void> {
    const { name, type } = row;
    const about = this.#box.seal(JSON.stringify({ name, type, uploadedTo }), sealOf(row.id));
    await this.#db.updateTable('media').set({ about }).where('id', '=', row.id).execute();
  }

  /** How much is kept, of all and of one user. */
  async usage(user: string): Promise<{ readonly allBytes: number; readonly ownBytes: number }> {
    const sum = this.#db
      .selectFrom('media')
      .select(({ fn }) => fn.sum<number | string | null>('size').as('bytes'));
    const all = await sum.executeTakeFirst();
    const own = await sum.where('user', '=', user).executeTakeFirst();
    return { allBytes: Number(all?.bytes ?? 0), ownBytes: Number(own?.bytes ?? 0) };
  }

  /** Forgets what is older, or all of a user. @returns the ids, whose content is to be removed */
  async remove(
    which: { readonly before: number } | { readonly gateway: string; readonly user: string },
  ): Promise<string[]> {
    const rows = await this.#db
      .deleteFrom('media')
      .$if('before' in which, (query) =>
        'before' in which ? query.where('created_at', '<', which.before) : query,
      )
      .$if('user' in which, (query) =>
        'user' in which
          ? query.where('gateway', '=', which.gateway).where('user', '=', which.user)
          : query,
      )
      .returning('id')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** The ids of all that is kept. */
  async ids(): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('media').select('id').execute();
    return new Set(rows.map(({ id }) => id));
  }
}

function sealOf(id: string): string {
  return `media\0${id}`;
}
