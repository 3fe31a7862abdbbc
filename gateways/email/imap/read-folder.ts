import type { ImapFlow, MailboxObject } from 'imapflow';
import type { Cursor, Position } from './cursor.ts';
import { batches, fetchMails, look, uidsFrom } from './fetch-mails.ts';
import type { Fetched, Stored } from './fetch-mails.ts';

const DAY_MS = 86_400_000;

/** Takes what is new; answers with the Message-IDs of it once the core has stored all that came of it. */
export type Take = (mails: readonly Fetched[], box: MailboxObject) => Promise<readonly string[]>;

export interface FolderParts {
  readonly client: ImapFlow;
  readonly cursor: Cursor;
  readonly maxBytes: number;
  readonly take: Take;
  readonly now: () => number;
}

/** Where reading begins in a folder that was never read: with the next mail that comes. */
export const beginning = (box: MailboxObject, now: number): Position => ({
  uidValidity: String(box.uidValidity),
  nextUid: box.uidNext,
  lastAt: now,
});

/** Reads what has come into the open folder since the last time, the oldest first. */
export async function readFolder(parts: FolderParts, box: MailboxObject): Promise<void> {
  const { client, cursor, maxBytes, take, now } = parts;
  const folder = box.path;
  let position = cursor.position(folder);
  if (position === undefined) {
    await cursor.move(folder, beginning(box, now()));
    return;
  }
  const isSame = position.uidValidity === String(box.uidValidity);
  const uids = isSame
    ? await uidsFrom(client, position.nextUid)
    : await uidsSince(client, position.lastAt);
  if (!isSame) position = { ...position, uidValidity: String(box.uidValidity), nextUid: 1 };
  for await (const window of look(client, uids)) {
    for (const batch of batches(window.filter(isMail), maxBytes)) {
      const told = await take(await fetchMails(client, batch, maxBytes), box);
      position = after(position, batch);
      await cursor.move(folder, position, told);
    }
    position = after(position, window);
  }
  const next = isSame ? position.nextUid : Math.max(position.nextUid, box.uidNext);
  const isMoved = next !== cursor.position(folder)?.nextUid || !isSame;
  if (isMoved) await cursor.move(folder, { ...position, nextUid: next });
}

/** RFC 3501 §2.3.1.1: the server numbers all mails anew. What came in since the last one read is looked at again. */
async function uidsSince(client: ImapFlow, lastAt: number): Promise<number[]> {
  const found = await client.search({ since: new Date(lastAt - DAY_MS) }, { uid: true });
  return Array.isArray(found) ? found.toSorted((one, other) => one - other) : [];
}

/** What is neither a draft nor on its way to the bin. */
const isMail = ({ flags }: Stored): boolean => !flags.has('\\Draft') && !flags.has('\\Deleted');

function after(position: Position, mails: readonly Stored[]): Position {
  const last = mails.at(-1);
  if (last === undefined) return position;
  return {
    ...position,
    nextUid: Math.max(position.nextUid, last.uid + 1),
    lastAt: Math.max(position.lastAt, last.receivedAt.getTime()),
  };
}
