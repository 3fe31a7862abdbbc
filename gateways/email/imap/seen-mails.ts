import type { FetchMessageObject, FlagsEvent, ImapFlow } from 'imapflow';

const SEEN = '\\Seen';
const MAX_NOTED = 200;
/** Of a header, what tells whose mail it is. */
const HEADERS = ['from', 'sender', 'reply-to', 'message-id', 'list-id', 'list-post'];

/** A mail that was marked as read. */
export interface SeenMail {
  readonly uid: number;
  readonly header: Buffer;
}

/** Gathers which mails of the inbox are marked as read by other programs (RFC 9051 §7.5.2). */
export class SeenMails {
  readonly #uids = new Set<number>();
  /** From servers that say no more. */
  readonly #sequences = new Set<number>();

  get isEmpty(): boolean {
    return this.#uids.size + this.#sequences.size === 0;
  }

  /** The flags of a mail are others now. */
  note({ flags, seq, uid }: Pick<FlagsEvent, 'flags' | 'seq' | 'uid'>): void {
    if (!flags.has(SEEN)) return;
    if (uid === undefined) put(this.#sequences, seq);
    else put(this.#uids, uid);
  }

  clear(): void {
    this.#uids.clear();
    this.#sequences.clear();
  }

  /** Those that were noted, of the mails that were told: below this UID. The oldest first. */
  async take(client: ImapFlow, below: number): Promise<readonly SeenMail[]> {
    const found = [
      ...(await fetchSeen(client, [...this.#uids], true)),
      // Another may have this number by now; if it is read, that is as true of it.
      ...(await fetchSeen(client, [...this.#sequences], false)),
    ];
    this.clear();
    const byUid = new Map(found.map((mail) => [mail.uid, mail]));
    return [...byUid.values()]
      .filter(({ uid }) => uid < below)
      .toSorted((one, other) => one.uid - other.uid);
  }
}

async function fetchSeen(
  client: ImapFlow,
  numbers: readonly number[],
  uid: boolean,
): Promise<SeenMail[]> {
  if (numbers.length === 0) return [];
  const query = { uid: true, flags: true, headers: HEADERS };
  const found = await client.fetchAll(numbers.join(','), query, { uid });
  return found.flatMap((mail) => seenOf(mail));
}

function seenOf({ flags, headers, uid }: FetchMessageObject): SeenMail[] {
  return flags?.has(SEEN) === true && headers !== undefined ? [{ uid, header: headers }] : [];
}

/** The last ones noted stay. */
function put(noted: Set<number>, number: number): void {
  noted.delete(number);
  noted.add(number);
  for (const oldest of noted) {
    if (noted.size <= MAX_NOTED) break;
    noted.delete(oldest);
  }
}
