import type { ImapFlow, MailboxObject } from 'imapflow';
import { NetworkError } from '../../../src/plugin/index.ts';
import type { Texts } from '../texts.ts';
import { connectImap } from './connect.ts';
import type { ImapParts } from './connect.ts';
import type { Cursor } from './cursor.ts';
import { Hurdle } from './hurdle.ts';
import { modseqOf, readFolder } from './read-folder.ts';
import type { FolderParts, Take } from './read-folder.ts';
import { INBOX, openSince } from './open-inbox.ts';
import { SeenMails } from './seen-mails.ts';
import type { SeenMail } from './seen-mails.ts';

const JOB_MS = 45_000;

export interface LinkParts extends ImapParts {
  readonly cursor: Cursor;
  readonly take: Take;
  /** Other programs have marked mails as read that were told. */
  readonly seen: (mails: readonly SeenMail[], client: ImapFlow) => Promise<void>;
  /** Besides the inbox: paths, or special uses like "\Sent". */
  readonly folders: () => readonly string[];
  readonly texts: () => Texts;
  readonly now: () => number;
  /** The connection stands; the mails of the meantime were read. */
  readonly ready: () => void;
}

interface Job {
  run(client: ImapFlow): Promise<void>;
  fail(error: unknown): void;
}

/**
 * One connection to a mailbox (RFC 9051): reads what comes into the inbox the moment it comes (RFC 2177), looks at other
 * folders now and then, and does what it is asked in between. One command at a time, in one place.
 */
export class MailboxLink {
  readonly #parts: LinkParts;
  readonly #jobs: Job[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  /** Something may have come that was not looked at. */
  #isStale = false;
  /** When the other folders were looked at last. */
  #lookedAt = 0;
  /** How many mails the server has told of since the inbox was read; not known after another folder was open. */
  #announced: number | undefined;
  readonly #seen = new SeenMails();
  readonly #hurdle = new Hurdle();
  /** What is marked now is marked by ourselves. */
  #isAtWork = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Stays while the connection stands. @throws NetworkError; what the signal was aborted with */
  async run(signal: AbortSignal): Promise<void> {
    const client = await connectImap(this.#parts, this.#parts.texts(), signal);
    let isGone = false;
    const stop = (): void => {
      isGone = true;
      this.#wake?.();
    };
    client.on('close', stop);
    client.on('exists', ({ count, path, prevCount }) => {
      if (path === INBOX && this.#announced !== undefined) this.#announced += count - prevCount;
      this.#isStale = true;
      this.#wake?.();
    });
    client.on('flags', (event) => {
      if (event.path !== INBOX || this.#isAtWork) return;
      this.#seen.note(event);
      if (!this.#seen.isEmpty) this.#wake?.();
    });
    // Whatever came into the inbox while another folder was open was not told.
    client.on('mailboxOpen', () => {
      this.#isStale = true;
      this.#announced = undefined;
    });
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#serve(client, () => isGone || signal.aborted);
    } finally {
      signal.removeEventListener('abort', stop);
      await leave(client, signal.aborted);
    }
    signal.throwIfAborted();
    throw new NetworkError('unreachable', this.#parts.texts().imapLost);
  }

  /** There will be no connection any more. */
  end(): void {
    this.#isOver = true;
    const error = new NetworkError('unreachable', this.#parts.texts().imapUnreachable);
    for (const job of this.#jobs.splice(0)) job.fail(error);
  }

  /** Other folders are wanted now: what comes into them from here on is new. */
  lookAgain(): void {
    this.#lookedAt = 0;
    this.#isStale = true;
    this.#wake?.();
  }

  /** Does something with the connection, as soon as there is one and it is free. @throws NetworkError */
  do<Result>(work: (client: ImapFlow) => Promise<Result>): Promise<Result> {
    const texts = this.#parts.texts();
    if (this.#isOver) return Promise.reject(new NetworkError('unreachable', texts.imapUnreachable));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => job.fail(new NetworkError('unreachable', texts.imapUnreachable)),
        JOB_MS,
      );
      let isFailed = false;
      const job: Job = {
        run: async (client) => {
          if (isFailed) return;
          try {
            resolve(await work(client));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          } finally {
            clearTimeout(timer);
          }
        },
        fail: (error) => {
          isFailed = true;
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      this.#jobs.push(job);
      this.#wake?.();
    });
  }

  async #serve(client: ImapFlow, isOver: () => boolean): Promise<void> {
    const { timings } = this.#parts;
    this.#seen.clear();
    let box = await this.openInbox(client);
    this.#lookedAt = 0;
    let isReady = false;
    while (!isOver()) {
      this.#isStale = false;
      const announced = this.#announced;
      this.#announced = 0;
      const { modseq } = modseqOf(box);
      const isPending = !this.#seen.isEmpty;
      await readFolder(
        { ...this.#folderParts(client), announced, modseq: isPending ? undefined : modseq },
        box,
      );
      if (isPending) await this.#tellSeen(client, modseq);
      if (this.#parts.now() - this.#lookedAt >= timings.pollMs) {
        this.#lookedAt = this.#parts.now();
        if (await this.#readOthers(client, isOver)) box = await this.openInbox(client);
      }
      if (!isReady) this.#parts.ready();
      isReady = true;
      this.#isAtWork = true;
      while (this.#jobs.length > 0 && !isOver()) await this.#jobs.shift()?.run(client);
      this.#isAtWork = false;
      if (isOver()) return;
      if (client.mailbox === false || client.mailbox.path !== INBOX) {
        box = await this.openInbox(client);
      } else box = client.mailbox;
      await this.#rest(client, isOver);
    }
  }

  /** Opens the inbox if it is not open, and notes what was marked as read since it was looked at. */
  async openInbox(client: ImapFlow): Promise<MailboxObject> {
    const wasAtWork = this.#isAtWork;
    this.#isAtWork = false;
    try {
      return await openSince(client, this.#parts.cursor.position(INBOX), this.#seen);
    } finally {
      this.#isAtWork = wasAtWork;
    }
  }

  async #tellSeen(client: ImapFlow, modseq: string | undefined): Promise<void> {
    const { cursor, seen } = this.#parts;
    const position = cursor.position(INBOX);
    if (position === undefined) return this.#seen.clear();
    const mails = await this.#seen.take(client, position.nextUid);
    if (mails.length > 0) await seen(mails, client);
    if (modseq !== undefined) await cursor.move(INBOX, { ...position, modseq });
  }

  /** Waits for mail, work, or the time to look at other folders. */
  async #rest(client: ImapFlow, isOver: () => boolean): Promise<void> {
    const { timings } = this.#parts;
    const hasWork = (): boolean =>
      this.#isStale || !this.#seen.isEmpty || this.#jobs.length > 0 || isOver();
    if (hasWork()) return;
    const canIdle = client.capabilities.has('IDLE');
    const isPolling = !canIdle || this.#parts.folders().length > 0;
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (isPolling) timer = setTimeout(resolve, timings.pollMs);
    });
    try {
      // IDLE ends by itself as soon as another command is given.
      if (canIdle) client.idle().catch(() => undefined);
      await woken;
    } finally {
      clearTimeout(timer);
      this.#wake = undefined;
    }
    // Servers without IDLE say what is new in the answer to any command.
    if (!canIdle && !hasWork()) await client.noop();
  }

  /** Whether another folder than the inbox is open now. */
  async #readOthers(client: ImapFlow, isOver: () => boolean): Promise<boolean> {
    const wanted = this.#parts.folders();
    if (wanted.length === 0) return false;
    let hasMoved = false;
    for (const { path, specialUse } of await client.list()) {
      if (isOver()) return hasMoved;
      if (path === INBOX || !wanted.some((name) => name === path || name === specialUse)) continue;
      const status = await client.status(path, { uidNext: true, uidValidity: true });
      const position = this.#parts.cursor.position(path);
      const isSame =
        status !== false &&
        String(status.uidValidity) === position?.uidValidity &&
        status.uidNext === position.nextUid;
      if (isSame) continue;
      const box: MailboxObject = await client.mailboxOpen(path, { readOnly: true });
      hasMoved = true;
      await readFolder(this.#folderParts(client), box);
    }
    return hasMoved;
  }

  #folderParts(client: ImapFlow): FolderParts {
    const { cursor, maxBytes, now, take } = this.#parts;
    return { client, cursor, hurdle: this.#hurdle, maxBytes, take, now };
  }
}

/** Says good-bye where there is somebody left to hear it, and does not wait for long. */
async function leave(client: ImapFlow, isPolite: boolean): Promise<void> {
  if (isPolite && client.usable) {
    const timer = setTimeout(() => client.close(), 500);
    await client.logout().catch(() => undefined);
    clearTimeout(timer);
  }
  client.close();
}
