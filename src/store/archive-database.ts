import type { Query } from './message-database.ts';
import type { ArchivePlace } from './archive.ts';

/** An archive that rows are on their way to; its number is known once they are on disk, or were asked for. */
export interface ArchiveSlot {
  readonly place: ArchivePlace;
  id: number | undefined;
}

/** What is written together. */
export interface ArchiveBatch {
  /** The rows, as what their columns take one after the other: see {@link ARCHIVE_COLUMNS}. */
  readonly values: readonly unknown[];
  /** By how many milliseconds at most the time of a row lies before the one that its number stands for. */
  readonly lags: ReadonlyMap<ArchiveSlot, number>;
}

/** In the place of the second, a batch has an {@link ArchiveSlot}. */
export const ARCHIVE_COLUMNS = [
  'id',
  'archive',
  'at',
  'mark',
  'nick',
  'occupant_id',
  'message_id',
  'network_id',
  'content',
] as const;

/** Where archives are kept. What can be answered at once is, so that a full archive holds up those who fill it. */
export interface ArchiveDatabase {
  readonly isOpen: boolean;
  /** Writes all of it or nothing, and gives slots without a number one. @throws when it cannot be written now */
  write(batch: ArchiveBatch): void | Promise<void>;
  read<Row>(query: Query): Promise<Row[]>;
  /** @returns how many rows were changed */
  run(query: Query): Promise<number>;
  close(): void | Promise<void>;
}
