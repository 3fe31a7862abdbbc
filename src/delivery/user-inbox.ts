import { createHmac, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ContactId } from '../plugin/index.ts';
import type { DeliveryPlace } from '../store/delivery-place.ts';
import type { InboxStore } from '../store/inbox.ts';
import type { Query } from '../store/message-database.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Barrier } from './barrier.ts';
import { chatOf } from './chat-name.ts';
import type { Clock } from './clock.ts';
import type { FileNote, Files } from './files.ts';
import { ReturnedMessages } from './returned-messages.ts';
import { decodeEvent, encodeEvent, nameOfEvent } from './stored-event.ts';
import type { EventName, KeptMessage, StorableEvent, StoredEvent } from './stored-event.ts';

/** What may be under way for one user at a time; the rest waits on disk. */
const MAX_UNDER_WAY = 50;
/** An event that could not be told so often is given up. */
const MAX_FAILURES = 10;
/** How long to wait for a disk that takes nothing. */
const AGAIN_MS = 10_000;

type Output = readonly XmlElement[] | undefined;

export interface InboxOptions {
  readonly place: DeliveryPlace;
  /** The server of the user. */
  readonly server: string;
  readonly store: InboxStore;
  readonly barrier: Barrier;
  readonly clock: Clock;
  readonly files: Files;
  /** What stanza ids are derived with. */
  readonly secret: Uint8Array;
  readonly log: Logger;
  readonly events: {
    /** Does something in the user's mailbox. */
    post(task: () => Output | Promise<Output>): void;
    /** Makes stanzas of an event. @param nextId gives their ids, the same whenever this event is told */
    stanzas(event: StoredEvent, nextId: () => string): Output | Promise<Output>;
    /** Whether a client of hers is there, as far as is known. */
    isThere(): boolean;
    /** Whether the user has agreed to hear from a contact. */
    isAccepted(contact: ContactId): boolean;
    /** A contact to whom she has not agreed wants to write. */
    asks(event: KeptMessage): void;
  };
}

/** What keeps an event, together with other changes. */
export interface Kept {
  readonly queries: readonly Query[];
  /** Once that is on disk. */
  tell(): void;
}

/** Something to be told, on disk or about to be. */
interface Entry {
  readonly id: number;
  readonly stanzaId: string;
  readonly at: number;
  readonly event: StoredEvent;
}

/**
 * What the network told one user: on disk before the network may forget it, told in order, and told again until the
 * Jabber server is known to have it.
 */
export class UserInbox {
  readonly #options: InboxOptions;
  readonly #returned: ReturnedMessages;
  /** By the ids of rows. */
  readonly #underWay = new Map<number, Entry>();
  /** There is more on disk than is under way. */
  #isBehind = false;
  /** How many of those are not on disk yet. */
  #storing = 0;
  #preparing = 0;
  /** Whether anything waits for the user's consent; not known before it was looked up. */
  #holds: boolean | undefined;
  #chain: Promise<void> | undefined;
  /** What is being read from disk; stale when there may be more than was there when it began. */
  #reading: { isStale: boolean } | undefined;
  /** How often events could not be told, by their rows. */
  #failures: Map<number, number> | undefined;
  /** How often all was forgotten: what was read before is void. */
  #clearing = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
    const { place, store, clock } = options;
    this.#returned = new ReturnedMessages({
      place,
      store,
      clock,
      release: () => this.#release('bounced'),
      catchUp: () => this.catchUp(),
      inBackground: (work) => this.#heard(work, 'not released'),
    });
  }

  get isIdle(): boolean {
    const isBusy = this.#preparing > 0 || this.#reading !== undefined || !this.#returned.isIdle;
    return this.#underWay.size === 0 && !isBusy;
  }

  /** Takes an event. On disk when it resolves, which may be never: the network is then not to forget it. */
  async take(event: StorableEvent): Promise<void> {
    this.#preparing += 1;
    const kept = await this.#withFiles(event);
    if (!(await this.#store(kept))) {
      do await new Promise<void>((resolve) => this.#options.clock.after(AGAIN_MS, resolve));
      while (!(await this.#store(kept)));
      // It may have been on disk before, without anybody having said so.
      this.catchUp();
    }
    this.#preparing -= 1;
  }

  /** For an event of our own. */
  keep(event: StoredEvent): Kept {
    const { entry, name } = this.#entryOf(event);
    return {
      queries: [this.#added(entry, name, 'new')],
      tell: () => this.#tell(entry, undefined),
    };
  }

  /** Goes on with what is on disk: after a start, after the stream was away, or when there is room again. */
  catchUp(): void {
    // What comes meanwhile waits on disk for its turn.
    this.#isBehind = true;
    if (!this.#options.barrier.isAttached || this.#room <= 0) return;
    if (this.#reading !== undefined) {
      this.#reading.isStale = true;
      return;
    }
    const reading = { isStale: false };
    this.#reading = reading;
    this.#readOn(this.#room)
      .catch((error: unknown) => {
        const { clock, log } = this.#options;
        log.error({ err: error }, 'what a user is to be told could not be read');
        clock.after(AGAIN_MS, () => this.#catchUpIfIdle());
      })
      .finally(() => {
        this.#reading = undefined;
        if (reading.isStale) this.#catchUpIfIdle();
      });
  }

  get #room(): number {
    return MAX_UNDER_WAY - this.#underWay.size;
  }

  async #readOn(count: number): Promise<void> {
    const { store, place } = this.#options;
    const clearing = this.#clearing;
    const rows = await store.pending(place, count, new Set(this.#underWay.keys()));
    if (clearing !== this.#clearing) return;
    this.#isBehind = rows.length === count || this.#storing > 0 || this.#reading?.isStale === true;
    for (const { id, stanzaId, createdAt, content } of rows) {
      this.#post({ id, stanzaId, at: createdAt, event: decodeEvent(content) }, undefined);
    }
  }

  /** The user agrees to hear from a contact, or answers it. */
  accept(contact: ContactId): void {
    if (this.#holds === false) return;
    this.#heard(this.#accept(contact), 'not released');
  }

  async #accept(contact: ContactId): Promise<void> {
    const { store, place } = this.#options;
    if (this.#holds === undefined) {
      const holds = await store.has(place, 'held');
      this.#holds ??= holds;
    }
    const chat = chatOf({ kind: 'contact', id: contact });
    if (this.#holds) await this.#release('held', chat);
  }

  /** She does not want to hear from it: what was held is dropped. */
  refuse(contact: ContactId): void {
    const { store, place } = this.#options;
    const chat = chatOf({ kind: 'contact', id: contact });
    this.#heard(store.drop(place, chat), 'not dropped');
  }

  /** The user is there again: what her server sent back is tried once more. */
  isThere(): void {
    this.#heard(this.#returned.isThere(), 'not released');
  }

  /** She may be there, though nobody has seen her. */
  tryAgain(): void {
    this.#heard(this.#returned.tryAgain(), 'not tried again');
  }

  /**
   * The user's server sends back what it was given. What is none of ours is nothing to us.
   * @param isFinal nothing changes when it is sent again
   */
  bounced(chat: string, stanzaId: string, isFinal: boolean): void {
    this.#heard(this.#bounced(chat, stanzaId, isFinal), 'a bounce could not be noted');
  }

  async #bounced(chat: string, stanzaId: string, isFinal: boolean): Promise<void> {
    const { store, place, barrier, log } = this.#options;
    const row =
      (await store.byStanzaId(place, chat, stanzaId)) ??
      (await store.byStanzaId(place, chat, stanzaId.replace(/-\d+$/, '')));
    if (row === undefined || row.state === 'bounced') return;
    barrier.forget(place.user, row.id);
    this.#underWay.delete(row.id);
    const isKept = await this.#returned.note(row, isFinal);
    if (!isKept) log.warn({ chat, id: stanzaId }, 'the server of the user refuses a message');
  }

  /** Forgets all, for a user who unregisters. */
  async clear(): Promise<void> {
    this.#options.barrier.forget(this.#options.place.user);
    this.#underWay.clear();
    this.#isBehind = false;
    this.#clearing += 1;
    this.#returned.forget();
    await this.#options.store.clear(this.#options.place);
  }

  async #withFiles(event: StorableEvent): Promise<StoredEvent> {
    if (event.kind !== 'message' || event.files === undefined) {
      if (event.kind !== 'message') return event;
      const { files: _, ...rest } = event;
      return rest;
    }
    const { files, place } = this.#options;
    const notes: FileNote[] = [];
    for (const file of event.files) notes.push(await files.keep(place.user, file));
    return { ...event, files: notes };
  }

  /** @returns `false` when the disk does not take it */
  async #store(event: StoredEvent): Promise<boolean> {
    const { store, events } = this.#options;
    const { entry, name } = this.#entryOf(event);
    const isHeld =
      event.kind === 'message' && event.isUninvited === true && !events.isAccepted(event.from);
    if (isHeld) this.#holds = true;
    const added = this.#added(entry, name, isHeld ? 'held' : 'new');
    const stored = store.database.write([added]).then(([changes]) => changes === 1);
    if (!isHeld) this.#tell(entry, stored);
    try {
      const isNew = await stored;
      if (isHeld && isNew) events.asks(event);
      return true;
    } catch {
      return false;
    }
  }

  #entryOf(event: StoredEvent): { readonly entry: Entry; readonly name: EventName } {
    const { store, clock, place, secret } = this.#options;
    const name = nameOfEvent(event, randomUUID());
    const id = store.nextId();
    const parts = [place.gateway, place.user, name.chat, name.name];
    if (name.digest !== '') parts.push(String(id));
    const stanzaId = createHmac('sha256', secret).update(parts.join('\0')).digest('base64url');
    const entry = { id, stanzaId: stanzaId.slice(0, 22), at: clock.now(), event };
    return { entry, name };
  }

  #added(entry: Entry, { chat, name, digest }: EventName, state: 'new' | 'held'): Query {
    const { id, stanzaId, at, event } = entry;
    return this.#options.store.add(this.#options.place, {
      id,
      chat,
      name,
      digest,
      stanzaId,
      state,
      createdAt: at,
      content: encodeEvent(event),
    });
  }

  async #release(from: 'held' | 'bounced', chat?: string): Promise<void> {
    const { store, place } = this.#options;
    await store.release(place, from, chat);
    this.catchUp();
  }

  /** Nobody waits for what is to be done; but that it failed is told. */
  #heard(work: Promise<unknown>, failure: string): void {
    work.catch((error: unknown) => this.#options.log.error({ err: error }, failure));
  }

  /** Told at once when nothing older waits; otherwise when its turn comes. */
  #tell(entry: Entry, stored: Promise<boolean> | undefined): void {
    const { barrier } = this.#options;
    const isFull = this.#underWay.size >= MAX_UNDER_WAY;
    if (!this.#isBehind && barrier.isAttached && !isFull) return this.#post(entry, stored);
    this.#isBehind = true;
    this.#storing += 1;
    const isStored = (): void => {
      this.#storing -= 1;
      this.#catchUpIfIdle();
    };
    Promise.resolve(stored).then(isStored, isStored);
  }

  #catchUpIfIdle(): void {
    if (this.#isBehind && this.#underWay.size <= MAX_UNDER_WAY / 2) this.catchUp();
  }

  #post(entry: Entry, stored: Promise<boolean> | undefined): void {
    this.#underWay.set(entry.id, entry);
    const offered = this.#offered(entry);
    if (this.#chain === undefined && !(offered instanceof Promise)) {
      return this.#enter({ ...entry, event: offered }, stored);
    }
    const chain = Promise.all([offered, this.#chain]).then(([event]) => {
      if (this.#chain === chain) this.#chain = undefined;
      this.#enter({ ...entry, event }, stored);
    });
    this.#chain = chain;
  }

  /** With files that the user can fetch. To make them so may take a while; others need not wait. */
  #offered({ event }: Entry): StoredEvent | Promise<StoredEvent> {
    if (event.kind !== 'message' || event.files === undefined) return event;
    const { files, place } = this.#options;
    const notes = event.files.map((note) => files.offer(place.user, note));
    const isReady = notes.every((note): note is FileNote => !(note instanceof Promise));
    if (isReady) return { ...event, files: notes };
    const pending = notes.map((note) => Promise.resolve(note));
    return Promise.all(pending).then((offered) => ({ ...event, files: offered }));
  }

  #enter(entry: Entry, stored: Promise<boolean> | undefined): void {
    this.#options.events.post(
      stored === undefined
        ? () => this.#perform(entry)
        : async () => {
            const isNew = await stored.catch(() => false);
            if (isNew) return this.#perform(entry);
            this.#over(entry.id);
            return undefined;
          },
    );
  }

  async #perform(entry: Entry): Promise<undefined> {
    if (!this.#underWay.has(entry.id)) return;
    const { barrier, place, server, log, events } = this.#options;
    if (isError(entry.event) && !events.isThere()) return this.#wait(entry);
    let stanzas: Output;
    try {
      stanzas = await events.stanzas(entry.event, idsFrom(entry.stanzaId));
    } catch (error) {
      log.error({ err: error, kind: entry.event.kind }, 'an event could not be told');
      if (this.#mayTryAgain(entry.id)) return this.#later(entry.id);
    }
    this.#failures?.delete(entry.id);
    if (!this.#underWay.has(entry.id)) return;
    if (stanzas === undefined || stanzas.length === 0) return this.#proven(entry);
    this.#returned.sent(entry.id);
    barrier.send({
      id: entry.id,
      user: place.user,
      server,
      stanzas,
      at: entry.at,
      proven: () => this.#proven(entry),
    });
  }

  /** What it refers to could not be read, as a rule. A defect is none the less for being met again and again. */
  #mayTryAgain(id: number): boolean {
    this.#failures ??= new Map();
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    return failures < MAX_FAILURES;
  }

  /** It is on disk, and read from there after a while. */
  #later(id: number): undefined {
    this.#underWay.delete(id);
    this.#isBehind = true;
    this.#options.clock.after(AGAIN_MS, () => this.#catchUpIfIdle());
  }

  /** Errors are kept for nobody by servers: this one is until a client is there that can show it. */
  #wait({ id }: Entry): undefined {
    const { store, log } = this.#options;
    store.waits(id).then(
      () => this.#over(id),
      (error: unknown) => {
        log.error({ err: error }, 'an error could not be put off');
        this.#later(id);
      },
    );
  }

  #proven(entry: Entry): undefined {
    const { store, clock } = this.#options;
    store.done(entry.id).then(
      () => this.#over(entry.id),
      () => clock.after(AGAIN_MS, () => this.#proven(entry)),
    );
  }

  #over(id: number): void {
    this.#underWay.delete(id);
    this.#catchUpIfIdle();
  }
}

function isError({ kind }: StoredEvent): boolean {
  return kind === 'undelivered' || kind === 'failed';
}

function idsFrom(stanzaId: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return count === 1 ? stanzaId : `${stanzaId}-${count}`;
  };
}
