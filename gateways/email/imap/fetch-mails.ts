import type { FetchMessageObject, ImapFlow } from 'imapflow';

/** A mail as it lies in a folder. */
export interface Stored {
  readonly uid: number;
  readonly flags: ReadonlySet<string>;
  readonly receivedAt: Date;
  readonly sizeBytes: number;
}

/** With what was fetched of it. */
export interface Fetched extends Stored {
  readonly source: Buffer;
  /** It is so large that only its header was fetched. */
  readonly isHeaderOnly: boolean;
}

const WINDOW = 100;
const MAX_BATCH = 25;
const MAX_BATCH_BYTES = 4_194_304;

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
    const query = { uid: true, flags: true, size: true, internalDate: true } as const;
    // All at once: a command of ours within a loop over what is being fetched would never be answered.
    const found = await client.fetchAll(window.join(','), query, { uid: true });
    yield found.map((mail) => storedOf(mail)).toSorted((one, other) => one.uid - other.uid);
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

/** The mails themselves; those that are gone meanwhile are left out. */
export async function fetchMails(
  client: ImapFlow,
  batch: readonly Stored[],
  maxBytes: number,
): Promise<Fetched[]> {
  const [small, large] = [
    batch.filter(({ sizeBytes }) => sizeBytes <= maxBytes),
    batch.filter(({ sizeBytes }) => sizeBytes > maxBytes),
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
    const source = sources.get(mail.uid);
    if (source === undefined) return [];
    return [{ ...mail, source, isHeaderOnly: mail.sizeBytes > maxBytes }];
  });
}

function storedOf({ flags, internalDate, size, uid }: FetchMessageObject): Stored {
  const received = new Date(internalDate ?? Date.now());
  return {
    uid,
    flags: flags ?? new Set(),
    receivedAt: Number.isNaN(received.getTime()) ? new Date() : received,
    sizeBytes: size ?? 0,
  };
}
