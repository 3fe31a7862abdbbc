import type { Query } from './message-database.ts';
import type { ArchivePlace } from './archive.ts';

/** An archive that rows are on their way to; it has a number once the first of them is written, or was asked for. */
export interface ArchiveSlot {
  readonly place: ArchivePlace;
  id: number | undefined;
}

/** What is written together. */
export interface ArchiveBatch {
  /** The rows, as what their columns take one after the other: see {@link ARCHIVE_COLUMNS}. */
  readonly values: readonly unknown[];
  /** All archives in it have a number already, and stand there by it. */
  readonly isNumbered: boolean;
  /** By how many milliseconds at most the time of a row lies before the one that its number stands for. */
  readonly lags: ReadonlyMap<ArchiveSlot, number>;
}

/** In the place of the second, a batch has an {@link ArchiveSlot} for an archive that had no number yet. */
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
  /** So many rows are looked through at once when most of them may not match. */
  readonly sliceRows: number;
  /** Gives slots without a number one, for good, then writes all of the batch or nothing. @throws when it cannot be written now */
  write(batch: ArchiveBatch): void | Promise<void>;
  /** A condition for the rows of an archive between two numbers; its values are the archive, the one, the archive again, the other. */
  readonly within: string;
  read<Row>(query: Query): Promise<Row[]>;
  /** @returns how many rows were changed */
  run(query: Query): Promise<number>;
  close(): void | Promise<void>;
}
