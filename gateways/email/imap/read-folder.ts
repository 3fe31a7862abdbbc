import type { ImapFlow, MailboxObject } from 'imapflow';
import type { Cursor, Position } from './cursor.ts';
import { batches, fetchMails, look, lookAhead, MAX_BATCH, uidsFrom } from './fetch-mails.ts';
import type { Fetched, Stored } from './fetch-mails.ts';
import { unreadable } from './hurdle.ts';
import type { Hurdle, Spot } from './hurdle.ts';

const DAY_MS = 86_400_000;

/** Takes what is new; answers with what they are remembered by once the core has stored all that came of it. */
export type Take = (mails: readonly Fetched[], box: MailboxObject) => Promise<readonly string[]>;

export interface FolderParts {
  readonly client: ImapFlow;
  readonly cursor: Cursor;
  readonly maxBytes: number;
  readonly take: Take;
  readonly now: () => number;
  readonly hurdle: Hurdle;
  /** How many mails the server has told of since the folder was read, where that is known. */
  readonly announced?: number | undefined;
  /** All changes up to this one are known. */
  readonly modseq?: string | undefined;
}

/** Where reading begins in a folder that was never read: with the next mail that comes. */
const beginning = async (client: ImapFlow, box: MailboxObject, now: number): Promise<Position> => ({
  uidValidity: String(box.uidValidity),
  nextUid: await nextUidOf(client, box),
  lastAt: now,
  ...modseqOf(box),
});

/** The UID of the next mail to come into the open folder. Courier does not say it (RFC 3501 §7.1: clients can then assume nothing). */
async function nextUidOf(client: ImapFlow, box: MailboxObject): Promise<number> {
  const told: unknown = box.uidNext;
  if (typeof told === 'number' && told > 0) return told;
  if (box.exists === 0) return 1;
  const last = await client.fetchAll('*', { uid: true });
  return Math.max(0, ...last.map(({ uid }) => uid)) + 1;
}

/** How many changes the server has counted in the folder (RFC 7162 §3.1.2.1). */
export const modseqOf = ({ highestModseq }: MailboxObject): { readonly modseq?: string } =>
  highestModseq === undefined ? {} : { modseq: String(highestModseq) };

/** Reads what has come into the open folder since the last time, the oldest first. */
export async function readFolder(parts: FolderParts, box: MailboxObject): Promise<void> {
  const { client, cursor, now } = parts;
  const folder = box.path;
  let position = cursor.position(folder);
  if (position === undefined) {
    await cursor.move(folder, await beginning(client, box, now()));
    return;
  }
  const isSame = position.uidValidity === String(box.uidValidity);
  if (parts.modseq !== undefined) position = { ...position, modseq: parts.modseq };
  const ahead = isSame ? await announcedMails(parts, position) : undefined;
  if (ahead !== undefined) {
    await readWindows(parts, box, { position, windows: [ahead] });
    return;
  }
  const uids = isSame
    ? await uidsFrom(client, position.nextUid)
    : await uidsSince(client, position.lastAt);
  if (!isSame) position = { ...position, uidValidity: String(box.uidValidity), nextUid: 1 };
  position = await readUids(parts, box, { position, uids });
  const next = isSame ? position.nextUid : Math.max(position.nextUid, await nextUidOf(client, box));
  const isMoved = next !== cursor.position(folder)?.nextUid || !isSame;
  if (isMoved) await cursor.move(folder, { ...position, nextUid: next });
}

/** @returns how far it was read */
async function readUids(
  parts: FolderParts,
  box: MailboxObject,
  from: { readonly position: Position; readonly uids: readonly number[] },
): Promise<Position> {
  const { client, cursor, hurdle } = parts;
  const { position, uids } = from;
  try {
    return hurdle.isBehind(spotOf(box, position))
      ? await readSingly(parts, box, from)
      : await readWindows(parts, box, { position, windows: look(client, uids) });
  } catch (error) {
    const reached = cursor.position(box.path);
    const isReached = reached?.uidValidity === position.uidValidity;
    hurdle.fellBefore(spotOf(box, isReached ? reached : position));
    throw error;
  }
}

/** One after the other, and past the one that the server cannot give out. */
async function readSingly(
  parts: FolderParts,
  box: MailboxObject,
  from: { readonly position: Position; readonly uids: readonly number[] },
): Promise<Position> {
  const { client, cursor, hurdle, now } = parts;
  let { position } = from;
  for (const uid of from.uids) {
    const spot = spotOf(box, { ...position, nextUid: uid });
    const isHopeless = hurdle.isTooHigh(spot);
    const windows = isHopeless ? [[unreadable(spot, now())]] : look(client, [uid]);
    try {
      position = await readWindows(parts, box, { position, windows });
    } catch (error) {
      hurdle.fellAt(spot);
      throw error;
    }
    await cursor.move(box.path, position);
  }
  return position;
}

const spotOf = ({ path }: MailboxObject, { nextUid, uidValidity }: Position): Spot => ({
  folder: path,
  uidValidity,
  uid: nextUid,
});

/** A few mails that the server has just told of, when it is sure that there are no others. */
async function announcedMails(
  { announced, client }: FolderParts,
  { nextUid }: Position,
): Promise<readonly Stored[] | undefined> {
  const areFew = announced !== undefined && announced > 0 && announced <= MAX_BATCH;
  return areFew ? lookAhead(client, nextUid, announced) : undefined;
}

/** @returns how far it was read */
async function readWindows(
  { client, cursor, maxBytes, take }: FolderParts,
  box: MailboxObject,
  from: {
    readonly position: Position;
    readonly windows: AsyncIterable<readonly Stored[]> | Iterable<readonly Stored[]>;
  },
): Promise<Position> {
  let { position } = from;
  for await (const window of from.windows) {
    for (const batch of batches(window.filter(isMail), maxBytes)) {
      const mails = await fetchMails(client, batch, maxBytes);
      const had = new Set(mails.map(({ uid }) => uid));
      await mustBeGone(
        client,
        batch.filter(({ uid }) => !had.has(uid)),
      );
      const told = await take(mails, box);
      position = after(position, batch);
      await cursor.move(box.path, position, told);
    }
    position = after(position, window);
  }
  return position;
}

/** Cyrus says nothing at all in place of a mail that it cannot read, as of one that somebody has deleted meanwhile. */
async function mustBeGone(client: ImapFlow, missing: readonly Stored[]): Promise<void> {
  if (missing.length === 0) return;
  // Before this, a server may not say what is gone (RFC 9051 §7.5.1).
  await client.noop();
  const uid = missing.map((mail) => mail.uid).join(',');
  const found = await client.search({ uid }, { uid: true });
  if (Array.isArray(found) && found.length > 0) {
    throw new Error(`the server does not give out ${found.length} mails`);
  }
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
