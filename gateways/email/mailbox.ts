import type { ImapFlow } from 'imapflow';
import { NetworkError } from '../../src/plugin/index.ts';
import type { ContactId, Event, Host } from '../../src/plugin/index.ts';
import type { Place } from './account.ts';
import { underAnotherId } from './arrived.ts';
import { mailboxOf } from './address.ts';
import { BackOff } from './back-off.ts';
import type { Credentials } from './credentials.ts';
import { Cursor, isSameId, nameOfMail } from './imap/cursor.ts';
import { batches, fetchMails, look } from './imap/fetch-mails.ts';
import type { Fetched } from './imap/fetch-mails.ts';
import { appendError, imapError } from './imap/connect.ts';
import { MailboxLink } from './imap/mailbox-link.ts';
import type { Arrival, Incoming } from './incoming.ts';
import type { EmailOptions } from './options.ts';
import { readMail } from './reading/read-mail.ts';
import type { Reading } from './reading/reading.ts';
import { seenEvents } from './seen-elsewhere.ts';
import type { Preferences } from './settings.ts';
import type { Texts } from './texts.ts';

/** How long whoever asks waits for what is known of the mailbox. */
const BEGINNING_MS = 10_000;
/** Short losses are nobody's business. */
const TELL_AFTER_MS = 300_000;
const MAX_MARKED = 500;
/** In the memory, while the user knows that her password is no longer good. */
const REFUSED = 'refused';

export interface MailboxParts {
  readonly address: string;
  /** "<UIDVALIDITY>:<UIDNEXT>" of the inbox when the user signed in. */
  readonly start: string;
  readonly place: Place;
  readonly credentials: Credentials;
  readonly options: EmailOptions;
  readonly host: Host;
  readonly incoming: Incoming;
  readonly preferences: Preferences;
  readonly texts: () => Texts;
}

/** A mail that was sent. */
export interface SentCopy {
  readonly id: string;
  readonly at: Date;
  /** It may lie there already, from an earlier try. */
  readonly mayBeThere: boolean;
  content(): Promise<Buffer>;
  /** The mailbox is there: what fails from now on may be the fault of the mail. */
  begins(): void;
}

/** The user's own mailbox: what comes in is told, as long as it runs. */
export class Mailbox {
  readonly #parts: MailboxParts;
  #link: MailboxLink | undefined;
  #signal: AbortSignal | undefined;
  readonly #opened: (() => void)[] = [];
  /** Those who ask before there is a link. */
  readonly #begun: ((link: MailboxLink) => void)[] = [];

  constructor(parts: MailboxParts) {
    this.#parts = parts;
  }

  /** Stays connected, whatever happens on the way. @throws NetworkError credentials */
  async run(signal: AbortSignal): Promise<void> {
    const { host, options, texts } = this.#parts;
    const { reconnectMaxMs, reconnectMinMs } = options.timings;
    const backOff = new BackOff(reconnectMinMs, reconnectMaxMs);
    this.#signal = signal;
    const cursor = await this.#cursor();
    let isRefused = (await host.memory.get(REFUSED)) !== undefined;
    let lostAt: number | undefined;
    let isTold = false;
    const link = this.#createLink(cursor, () => {
      if (isTold) void host.emit({ kind: 'notice', text: texts().mailboxBack });
      // Where mail is read, it is taken, too, as a rule: what waits is tried now, not when its time comes.
      if (lostAt !== undefined) void host.emit({ kind: 'network', state: 'online' });
      lostAt = undefined;
      isTold = false;
      if (isRefused) host.memory.delete(REFUSED).catch(() => undefined);
      isRefused = false;
      backOff.reset();
      for (const listener of this.#opened) listener();
    });
    this.#link = link;
    for (const tell of this.#begun.splice(0)) tell(link);
    while (!signal.aborted) {
      try {
        await link.run(signal);
      } catch (error) {
        const failure = imapError(error, texts());
        if (signal.aborted || failure.kind === 'credentials') link.end();
        if (signal.aborted) return;
        if (failure.kind === 'credentials') {
          await this.#tellRefusal(failure);
          throw failure;
        }
        host.log.info({ err: failure }, 'mailbox is away');
        lostAt ??= Date.now();
        if (!isTold && Date.now() - lostAt >= TELL_AFTER_MS) {
          isTold = true;
          void host.emit({ kind: 'notice', text: texts().mailboxAway(failure.message) });
        }
        await backOff.wait(signal).catch(() => undefined);
      }
    }
    link.end();
  }

  /** Once, until the mailbox is open again: not all clients show what the presence of a gateway says. */
  async #tellRefusal({ message }: NetworkError): Promise<void> {
    const { host, texts } = this.#parts;
    if ((await host.memory.get(REFUSED)) !== undefined) return;
    await host.memory.set(REFUSED, message);
    void host.emit({ kind: 'notice', text: texts().mailboxRefused(message) });
  }

  /** Calls this whenever it was opened. */
  whenOpen(listener: () => void): void {
    this.#opened.push(listener);
  }

  /**
   * Puts what was sent into the folder for it.
   * @throws NetworkError refused, when the server does not want it; unreachable
   */
  fileSent(mail: SentCopy): Promise<void> {
    const { texts } = this.#parts;
    return this.#do(async (client) => {
      mail.begins();
      const folder = (await sentFolder(client)) ?? (await madeSentFolder(client));
      if (folder === undefined) return;
      if (mail.mayBeThere) {
        // Not for reading alone: Courier puts nothing into a folder that is open so.
        await client.mailboxOpen(folder);
        if ((await uidsOf(client, mail.id)).length > 0) return;
      }
      const content = await mail.content();
      const stored = await client
        .append(folder, content, ['\\Seen'], mail.at)
        .catch((error: unknown) => {
          throw appendError(error, texts());
        });
      if (stored === undefined || stored === false) {
        throw new NetworkError('unreachable', texts().imapLost);
      }
    });
  }

  /** The user has chosen other folders. */
  lookAgain(): void {
    this.#link?.lookAgain();
  }

  /** Whether a mail of ours lies among what was sent. @throws NetworkError unreachable */
  hasSent(id: string): Promise<boolean> {
    return this.#do(async (client) => {
      const folder = await sentFolder(client);
      if (folder === undefined) return false;
      await client.mailboxOpen(folder, { readOnly: true });
      return (await uidsOf(client, id)).length > 0;
    });
  }

  /** RFC 9051 §2.3.2: the user has seen this mail, and all before it from the same sender. */
  async markSeen(contact: ContactId, id: string): Promise<void> {
    await this.#do(async (client) => {
      await this.#openInbox(client);
      const [last] = await uidsOf(client, id);
      if (last === undefined) return;
      const from = mailboxOf(contact);
      const before =
        from === undefined
          ? []
          : await client.search({ uid: `1:${last}`, from, seen: false }, { uid: true });
      const uids = [...(Array.isArray(before) ? before : []), last].slice(-MAX_MARKED);
      await client.messageFlagsAdd(uids.join(','), ['\\Seen'], { uid: true });
    });
  }

  /** Tells the last mails again, or for the first time. @returns how many */
  recent(count: number): Promise<number> {
    return this.#do(async (client) => {
      const box = await this.#openInbox(client);
      const first = Math.max(1, box.exists - count + 1);
      if (box.exists === 0) return 0;
      const found = await client.fetchAll(`${first}:*`, { uid: true });
      const uids = found.map(({ uid }) => uid).slice(-count);
      let told = 0;
      for await (const mails of this.#fetch(client, uids)) {
        await this.#tellAll(mails, { isWanted: true });
        told += mails.length;
      }
      return told;
    });
  }

  /** All of the last mail of a contact, or of anybody. */
  last(contact: ContactId | undefined): Promise<Reading | undefined> {
    return this.#do(async (client) => {
      const box = await this.#openInbox(client);
      if (box.exists === 0) return undefined;
      const address = contact === undefined ? undefined : mailboxOf(contact);
      const found =
        address === undefined
          ? (await client.fetchAll('*', { uid: true })).map(({ uid }) => uid)
          : await client.search({ or: [{ from: address }, { to: address }] }, { uid: true });
      const uid = Array.isArray(found) ? found.at(-1) : undefined;
      if (uid === undefined) return undefined;
      for await (const [mail] of this.#fetch(client, [uid])) {
        if (mail !== undefined) return readMail(mail.source, this.#parts.texts());
      }
      return undefined;
    });
  }

  /** So many in one go as may be in memory together. */
  async *#fetch(client: ImapFlow, uids: readonly number[]): AsyncGenerator<readonly Fetched[]> {
    const { inboundBytes } = this.#parts.options.limits;
    for await (const window of look(client, uids)) {
      for (const batch of batches(window, inboundBytes)) {
        yield await fetchMails(client, batch, inboundBytes);
      }
    }
  }

  #createLink(cursor: Cursor, ready: () => void): MailboxLink {
    const { credentials, host, options, place, preferences, start, texts } = this.#parts;
    return new MailboxLink({
      server: place.imap,
      credentials,
      timings: options.timings,
      maxBytes: options.limits.inboundBytes,
      cursor,
      folders: () => preferences.settings.folders,
      texts,
      now: Date.now,
      ready,
      seen: async (mails, client) => {
        await preferences.load();
        if (!preferences.settings.showsSeen) return;
        const from = Number(/:(\d+)$/.exec(start)?.[1] ?? 1);
        const told = { from, below: cursor.position('INBOX')?.nextUid ?? from };
        const events = await seenEvents(client, mails, { texts: texts(), told });
        for (const event of events) await host.emit(event);
      },
      take: async (mails, box) => {
        const told = new Set<string>();
        const isSent = box.specialUse === '\\Sent';
        await this.#tellAll(mails, { isSent }, (read) => newOf(read, cursor, told));
        return [...told];
      },
    });
  }

  /** Resolves when the core has all that comes of these mails: it writes them to disk together. */
  async #tellAll(
    mails: readonly Fetched[],
    how: Omit<Arrival, 'receivedAt'>,
    newOf: (read: Reading) => Reading | undefined = (read) => read,
  ): Promise<void> {
    const { host, incoming } = this.#parts;
    const pending: Promise<void>[] = [];
    for (const mail of mails) {
      for (const event of await this.#eventsOf(mail, how, newOf)) {
        const stored = Promise.resolve(host.emit(event));
        // What has files is stored when these are, which takes a while: nothing may overtake it.
        const isSlow = event.kind === 'message' && event.files !== undefined;
        if (isSlow) await this.#stored([stored]);
        else pending.push(stored);
      }
    }
    const kept = incoming.flush();
    await this.#stored(pending);
    await kept;
  }

  async #eventsOf(
    mail: Fetched,
    how: Omit<Arrival, 'receivedAt'>,
    newOf: (read: Reading) => Reading | undefined,
  ): Promise<readonly Event[]> {
    const { incoming, texts } = this.#parts;
    const read = newOf(await readMail(mail.source, texts()));
    if (read === undefined) return [];
    const notice = mail.isHeaderOnly
      ? texts().tooLarge(Math.ceil(mail.sizeBytes / 1_048_576))
      : mail.isUnreadable === true
        ? texts().unfetchable
        : undefined;
    const reading = notice === undefined ? read : { ...read, text: `[${notice}]` };
    const isWanted = mail.isUnreadable === true ? { isWanted: true } : {};
    return incoming.events(reading, { ...how, ...isWanted, receivedAt: mail.receivedAt });
  }

  /** Not longer than the session lasts: what is not stored then is read again. */
  async #stored(pending: readonly Promise<void>[]): Promise<void> {
    const signal = this.#signal;
    if (signal === undefined || pending.length === 0) return;
    signal.throwIfAborted();
    let stop = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('ended'));
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      await Promise.race([Promise.all(pending), ended]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #openInbox(client: ImapFlow): Promise<{ readonly exists: number }> {
    return this.#link?.openInbox(client) ?? client.mailboxOpen('INBOX');
  }

  async #cursor(): Promise<Cursor> {
    const { address, host, start } = this.#parts;
    const cursor = await Cursor.load(host.memory, address);
    const [, uidValidity, nextUid] = /^(\d+):(\d+)$/.exec(start) ?? [];
    if (cursor.position('INBOX') === undefined && uidValidity !== undefined) {
      await cursor.move('INBOX', { uidValidity, nextUid: Number(nextUid), lastAt: Date.now() });
    }
    return cursor;
  }

  async #do<Result>(work: (client: ImapFlow) => Promise<Result>): Promise<Result> {
    const { texts } = this.#parts;
    const link = this.#link ?? (await this.#beginning());
    try {
      return await link.do(work);
    } catch (error) {
      throw imapError(error, texts());
    }
  }

  /** What is known of the mailbox is still being read. @throws NetworkError unreachable, when that takes too long */
  #beginning(): Promise<MailboxLink> {
    const { texts } = this.#parts;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new NetworkError('unreachable', texts().imapUnreachable)),
        BEGINNING_MS,
      );
      this.#begun.push((link) => {
        clearTimeout(timer);
        resolve(link);
      });
    });
  }
}

/** A mail that was not told yet, under an id of its own. @param told are those of the same batch; it is added to them */
function newOf(read: Reading, cursor: Cursor, told: Set<string>): Reading | undefined {
  const name = nameOfMail(read);
  if (cursor.knows(name) || told.has(name)) {
    told.add(name);
    return undefined;
  }
  const isTaken = cursor.knowsId(name) || [...told].some((one) => isSameId(one, name));
  told.add(name);
  return isTaken ? underAnotherId(read) : read;
}

async function uidsOf(client: ImapFlow, id: string): Promise<number[]> {
  const found = await client.search({ header: { 'message-id': id } }, { uid: true });
  return Array.isArray(found) ? found : [];
}

/** RFC 6154 */
async function sentFolder(client: ImapFlow): Promise<string | undefined> {
  const folders = await client.list();
  return folders.find(({ specialUse }) => specialUse === '\\Sent')?.path;
}

/** Made where there is none, as mail programs do. @returns nothing where the server does not want that */
async function madeSentFolder(client: ImapFlow): Promise<string | undefined> {
  try {
    return (await client.mailboxCreate('Sent')).path;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'responseStatus' in error && error.responseStatus === 'NO';
