import type { FetchMessageObject, ImapFlow } from 'imapflow';

/** A mail as it lies in a folder. */
export interface Stored {
  readonly uid: number;
  readonly flags: ReadonlySet<string>;
  readonly receivedAt: Date;
  readonly sizeBytes: number;
  /** All of it, when it is small and was fetched at once. */
  readonly whole?: Buffer;
  /** The server cannot give it out: this only stands for it. */
  readonly isUnreadable?: boolean;
}

/** With what was fetched of it. */
export interface Fetched extends Stored {
  readonly source: Buffer;
  /** It is so large that only its header was fetched. */
  readonly isHeaderOnly: boolean;
}

const WINDOW = 100;
/** How many are read in one go. */
export const MAX_BATCH = 25;
/** Nearly all mails are smaller. */
const SMALL_BYTES = 65_536;
const MAX_BATCH_BYTES = 4_194_304;

const LOOK = { uid: true, flags: true, size: true, internalDate: true } as const;

const inOrder = (found: readonly FetchMessageObject[]): Stored[] =>
  found.map((mail) => storedOf(mail)).toSorted((one, other) => one.uid - other.uid);

/** What is in the open folder from this UID on, the oldest first. */
export async function uidsFrom(client: ImapFlow, first: number): Promise<number[]> {
  const found = await client.search({ uid: `${first}:*` }, { uid: true });
  // "n:*" always has the last mail, even when its UID is below n (RFC 9051 §9, seq-range).
  const uids = Array.isArray(found) ? found : [];
  return uids.filter((uid) => uid >= first).toSorted((one, other) => one - other);
}

/** What is known of these mails without reading them, in windows. */
export async function* look(
  client: ImapFlow,
  uids: readonly number[],
): AsyncGenerator<readonly Stored[]> {
  for (let at = 0; at < uids.length; at += WINDOW) {
    const window = uids.slice(at, at + WINDOW);
    // All at once: a command of ours within a loop over what is being fetched would never be answered.
    yield inOrder(await client.fetchAll(window.join(','), LOOK, { uid: true }));
  }
}

/** Puts mails together that can be fetched in one go. */
export function batches(mails: readonly Stored[], maxBytes: number): Stored[][] {
  const all: Stored[][] = [];
  let batch: Stored[] = [];
  let bytes = 0;
  for (const mail of mails) {
    const weight = Math.min(mail.sizeBytes, maxBytes);
    const isFull = batch.length >= MAX_BATCH || bytes + weight > MAX_BATCH_BYTES;
    if (isFull && batch.length > 0) {
      all.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(mail);
    bytes += weight;
  }
  return batch.length > 0 ? [...all, batch] : all;
}

/**
 * The next mails of the open folder, with all of those that are small, in one command.
 * @returns nothing unless there are so many of them
 */
export async function lookAhead(
  client: ImapFlow,
  first: number,
  count: number,
): Promise<readonly Stored[] | undefined> {
  const query = { ...LOOK, source: { start: 0, maxLength: SMALL_BYTES } };
  const found = await client.fetchAll(`${first}:${first + MAX_BATCH - 1}`, query, { uid: true });
  // What another program does to other mails may be told in between.
  const next = found.filter(({ size, uid }) => size !== undefined && uid >= first);
  return next.length < count ? undefined : inOrder(next);
}

/** COMPAT(Courier): it gives out this, in place of a mail whose file is gone. */
const STAND_IN =
  'From: System Administrator <root@localhost>\nSubject: message unavailable\n\nThis message is no longer available on the server.\n';

const isStandIn = (source: Buffer): boolean =>
  source.length <= 2 * STAND_IN.length &&
  source.toString('latin1').replaceAll('\r\n', '\n') === STAND_IN;

/** The mails themselves; those that are gone meanwhile are left out. */
export async function fetchMails(
  client: ImapFlow,
  batch: readonly Stored[],
  maxBytes: number,
): Promise<Fetched[]> {
  const [small, large] = [
    batch.filter(({ sizeBytes, whole }) => whole === undefined && sizeBytes <= maxBytes),
    batch.filter(({ sizeBytes, whole }) => whole === undefined && sizeBytes > maxBytes),
  ];
  const sources = new Map<number, Buffer>();
  if (small.length > 0) {
    const range = small.map(({ uid }) => uid).join(',');
    const found = await client.fetchAll(range, { uid: true, source: true }, { uid: true });
    for (const { uid, source } of found) if (source !== undefined) sources.set(uid, source);
  }
  for (const { uid } of large) {
    const found = await client.fetchOne(`${uid}`, { uid: true, headers: true }, { uid: true });
    if (found !== false && found.headers !== undefined) sources.set(uid, found.headers);
  }
  return batch.flatMap((mail) => {
    const source = mail.whole ?? sources.get(mail.uid);
    if (source === undefined || isStandIn(source)) return [];
    return [
      { ...mail, source, isHeaderOnly: mail.whole === undefined && mail.sizeBytes > maxBytes },
    ];
  });
}

function storedOf({ flags, internalDate, size, source, uid }: FetchMessageObject): Stored {
  const received = new Date(internalDate ?? Date.now());
  return {
    uid,
    flags: flags ?? new Set(),
    receivedAt: Number.isNaN(received.getTime()) ? new Date() : received,
    sizeBytes: size ?? 0,
    ...(source === undefined || source.length >= SMALL_BYTES ? {} : { whole: source }),
  };
}
