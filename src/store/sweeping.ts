import type { MessageDatabase } from './message-database.ts';

/** So many rows are looked at together: SQLite holds up everybody meanwhile. */
const ROWS = 100;

interface WindowRow {
  readonly last: number | null;
  readonly oldest: number | null;
}

/**
 * Cleans up in small steps. Numbers of rows rise with time, so that nobody has to look through what is new for something old.
 * @returns the last row of the next step; `undefined` when there is nothing old there or further on
 */
export async function nextStep(
  database: MessageDatabase,
  table: 'inbox' | 'outbox',
  { before, after }: { readonly before: number; readonly after: number },
): Promise<number | undefined> {
  const [row] = await database.read<WindowRow>(
    `SELECT max(id) AS last, min(created_at) AS oldest
      FROM (SELECT id, created_at FROM ${table} WHERE id > ? ORDER BY id LIMIT ${ROWS}) AS step`,
    [after],
  );
  const { last = null, oldest = null } = row ?? {};
  return last === null || oldest === null || oldest >= before ? undefined : last;
}
