import type { Kysely } from 'kysely';
import type { ArchiveDatabase } from './archive-database.ts';
import type { Tables } from './database.ts';
import type { MessageEngine } from './message-database.ts';

/** One database, of whatever kind, up to date. What is written to one part never waits for another. */
export interface Databases {
  /** What it is called in words for the administrator. */
  readonly name: string;
  /** Who has registered, and what is kept of them. */
  readonly records: Kysely<Tables>;
  readonly messages: MessageEngine;
  readonly archive: ArchiveDatabase;
  /** It does not answer: what is under way fails now, as does what comes after it. */
  abandon(): void;
  /** Rows came with numbers that were given elsewhere. */
  copied(records: Kysely<Tables>): Promise<void>;
}
