import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import { NetworkError } from '../plugin/index.ts';
import type { Language, NetworkErrorKind, Sent } from '../plugin/index.ts';
import type { DeliveryPlace } from '../store/delivery-place.ts';
import type { OutboxRow, OutboxStore } from '../store/outbox.ts';
import { chatOf } from './chat-name.ts';
import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import { decodeItem, encodeItem, shortened } from './outgoing-item.ts';
import type { OutgoingItem, StanzaHead } from './outgoing-item.ts';
import { retryDelay } from './retry-delay.ts';
import type { Slots } from './slots.ts';
import { inTime, soon } from '../in-time.ts';
import { beginning } from './stored-event.ts';
import type { UndeliveredEvent } from './stored-event.ts';
import type { Kept } from './user-inbox.ts';

/** How many chats of one user are served at once. */
const AT_ONCE = 4;
const MAX_PENDING = 10_000;
/** A gateway has a minute; after this we no longer believe that it will answer. */
const SEND_TIMEOUT_MS = 90_000;
const CLOSE_TIMEOUT_MS = 3_000;
/** So often a message may have arrived without anybody knowing; one more try would be one more copy. */
const MAX_DOUBTS = 8;

const WORTH_ANOTHER_TRY: ReadonlySet<NetworkErrorKind> = new Set([
  'unreachable',
  'too-fast',
  'uncertain',
]);

export interface OutboxOptions {
  readonly place: DeliveryPlace;
  readonly store: OutboxStore;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: () => number;
  readonly files: Files;
  readonly expireMs: number;
  readonly log: Logger;
  readonly events: {
    send(item: OutgoingItem, attempt: number): Promise<Sent>;
    /** `undefined` when the network has not taken it, or cannot tell. */
    wasTaken(item: OutgoingItem, attempt: number): Promise<Sent | undefined>;
    /** That of the user. */
    language(): Language;
    /** What keeps, and once that is on disk tells, what the user is to be told. */
    undelivered(event: UndeliveredEvent): Kept;
  };
}

/** One message on its way. */
interface Entry {
  readonly id: number;
  readonly key: string;
  readonly chat: string;
  readonly expiresAt: number;
  attempt: number;
  /** How often the network could not take it since the program was started; what ends with the program is not among them. */
  failures: number;
  dueAt: number;
  /** The network may have it already. */
  isUncertain: boolean;
  /** How often the network was given it since the program was started, and did not say whether it has it. */
  doubts: number;
  /** The row is in the state `sending`. */
  isMarked: boolean;
  /** What says it, while that is at hand; what has to wait stands on disk alone. */
  item: OutgoingItem | undefined;
  readonly settled: { resolve(sent: Sent): void; reject(error: unknown): void } | undefined;
}

/** Several tries are over, or the first: the network has it, or it is given up. */
type Outcome = { readonly sent: Sent } | { readonly error: unknown };

/**
 * The messages of one user on their way to the network. On disk before the network is given them, in order within a
 * chat, tried again until they are taken, refused or too old.
 */
export class UserOutbox {
  readonly #options: OutboxOptions;
  readonly #chats = new Map<string, Entry[]>();
  readonly #busy = new Set<string>();
  readonly #serving = new Set<Promise<void>>();
  #count = 0;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;
  #isRetired = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.#count >= MAX_PENDING;
  }

  /**
   * Takes a message.
   * @param text tells it from another one with the same id
   */
  take(
    item: OutgoingItem,
    text: string,
  ): { readonly stored: Promise<boolean>; readonly handedOver: Promise<Sent> } {
    const { store, clock, place } = this.#options;
    const chat = chatOf(item.to);
    const now = clock.now();
    const isNext = !this.#chats.has(chat) && this.#busy.size < AT_ONCE;
    let resolve: (sent: Sent) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    const handedOver = new Promise<Sent>((done, failed) => ([resolve, reject] = [done, failed]));
    // Not everybody who hands over a message waits for it.
    handedOver.catch(() => undefined);
    const entry: Entry = {
      id: store.nextId(),
      key: item.message.key,
      chat,
      expiresAt: now + this.#options.expireMs,
      attempt: isNext ? 1 : 0,
      failures: 0,
      dueAt: now,
      isUncertain: false,
      doubts: 0,
      isMarked: isNext,
      item: isNext && item.message.files === undefined ? item : undefined,
      settled: { resolve, reject },
    };
    const stored = store
      .add(place, {
        id: entry.id,
        key: entry.key,
        chat,
        state: isNext ? 'sending' : 'waiting',
        attempt: entry.attempt,
        dueAt: now,
        createdAt: now,
        content: encodeItem(item),
        stanzaId: item.stanza.id ?? '',
        origin: originOf(item, text),
      })
      .then((isNew) => {
        if (isNew) this.#add(entry);
        return isNew;
      });
    return { stored, handedOver };
  }

  /** Goes on with what an earlier run of the program, or of the session, has left. */
  async restore(): Promise<void> {
    const { store, place, expireMs } = this.#options;
    this.#isRetired = false;
    // A part of it, if it was not read to its end before.
    this.#forget();
    for await (const row of store.pending(place)) {
      const isMarked = row.state === 'sending';
      this.#queue({
        id: row.id,
        key: row.key,
        chat: row.chat,
        expiresAt: row.createdAt + expireMs,
        attempt: row.attempt,
        failures: 0,
        dueAt: row.dueAt,
        isUncertain: isMarked,
        doubts: 0,
        isMarked,
        item: undefined,
        settled: undefined,
      });
    }
    this.#pump();
  }

  /** The network is there again: nothing waits any longer for its time to come. */
  wake(): void {
    const now = this.#options.clock.now();
    for (const [entry] of this.#chats.values()) if (entry !== undefined) entry.dueAt = now;
    this.#pump();
  }

  /** The stanzas in which came what the network is not known to have. */
  async *unsent(): AsyncGenerator<StanzaHead, void> {
    const { store, place, files } = this.#options;
    for await (const { content } of store.pending(place)) yield decodeItem(content, files).stanza;
  }

  /**
   * Begins nothing more for a user who unregisters. What she has written is on disk when it resolves, and stays there until it is
   * cleared, or restored.
   */
  async retire(): Promise<void> {
    this.#isRetired = true;
    this.#forget();
    // Behind all that waits.
    await this.#options.store.database.write([]);
  }

  /** Forgets all, for a user who unregisters. */
  async clear(): Promise<void> {
    this.#forget();
    await this.#options.store.clear(this.#options.place);
    this.#isRetired = false;
  }

  #forget(): void {
    this.#cancelTimer?.();
    this.#chats.clear();
    this.#count = 0;
  }

  /** Begins nothing more; what is on disk stays there. Resolves when what is under way has come to its end, or takes too long. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    if (this.#serving.size > 0) await soon(Promise.all(this.#serving), CLOSE_TIMEOUT_MS);
  }

  #add(entry: Entry): void {
    if (this.#isClosed || this.#isRetired) return;
    this.#queue(entry);
    this.#pump();
  }

  #queue(entry: Entry): void {
    const queue = this.#chats.get(entry.chat);
    if (queue === undefined) this.#chats.set(entry.chat, [entry]);
    else queue.push(entry);
    this.#count += 1;
  }

  #pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isClosed) return;
    const { clock } = this.#options;
    const now = clock.now();
    let next = Infinity;
    for (const [chat, [entry]] of this.#chats) {
      if (entry === undefined || this.#busy.has(chat)) continue;
      const at = Math.min(entry.dueAt, entry.expiresAt);
      if (at > now) next = Math.min(next, at);
      else if (this.#busy.size < AT_ONCE) this.#begin(entry);
    }
    if (next < Infinity) this.#cancelTimer = clock.after(next - now, () => this.#pump());
  }

  #begin(entry: Entry): void {
    this.#busy.add(entry.chat);
    const serving = this.#options.slots
      .use(() => this.#serve(entry))
      .catch((error: unknown) => {
        // The database has refused a write: the row stands as it did, and is tried again as one in doubt.
        this.#options.log.error({ err: error }, 'a message could not be handed over');
        entry.isUncertain = true;
        entry.dueAt = this.#nextTry(entry, undefined);
      })
      .finally(() => {
        this.#busy.delete(entry.chat);
        this.#serving.delete(serving);
        this.#pump();
      });
    this.#serving.add(serving);
  }

  async #serve(entry: Entry): Promise<void> {
    const { store, clock } = this.#options;
    const item = await this.#itemOf(entry);
    if (!this.#isAhead(entry)) return;
    if (item === undefined) return this.#remove(entry);
    const outcome = await this.#try(entry, item);
    if (!this.#isAhead(entry)) return;
    if ('sent' in outcome) return this.#done(entry, item, outcome.sent);
    const { error } = outcome;
    if (!isTemporary(error)) return this.#giveUp(entry, item, error);
    if (clock.now() >= entry.expiresAt) return this.#giveUp(entry, item, 'expired');
    if (error.kind === 'uncertain') {
      if (!entry.isUncertain) entry.doubts += 1;
      entry.isUncertain = true;
      if (entry.doubts >= MAX_DOUBTS) return this.#giveUp(entry, item, error);
    }
    entry.isMarked = entry.isUncertain;
    entry.dueAt = this.#nextTry(entry, error.retryAfterMs);
    await store.update(entry.id, stateOf(entry));
  }

  async #itemOf(entry: Entry): Promise<OutgoingItem | undefined> {
    const { item } = entry;
    entry.item = undefined;
    if (item !== undefined && this.#isAhead(entry)) return item;
    const { store, place, files, events } = this.#options;
    const row = await store.find(place, entry.id);
    return row && decodeItem(row.content, files, events.language());
  }

  #nextTry(entry: Entry, askedMs: number | undefined): number {
    const { clock, random } = this.#options;
    entry.failures += 1;
    return clock.now() + retryDelay(entry.failures, askedMs, random);
  }

  async #try(entry: Entry, item: OutgoingItem): Promise<Outcome> {
    const { store, clock, events } = this.#options;
    try {
      if (entry.isUncertain) {
        const taken = await this.#wasTaken(entry, item);
        if (taken !== undefined) return { sent: taken };
      }
      const isLate = clock.now() >= entry.expiresAt;
      if (isLate || this.#isClosed) return { error: new NetworkError('unreachable', '') };
      if (!entry.isMarked || entry.isUncertain) {
        entry.attempt += 1;
        entry.isMarked = true;
        await store.update(entry.id, stateOf(entry));
      }
      entry.isUncertain = false;
      return { sent: await answered(events.send(item, entry.attempt)) };
    } catch (error) {
      return { error };
    }
  }

  /** A network that cannot tell is given the message again. @throws NetworkError when it can be told later */
  async #wasTaken(entry: Entry, item: OutgoingItem): Promise<Sent | undefined> {
    try {
      return await answered(this.#options.events.wasTaken(item, entry.attempt));
    } catch (error) {
      if (isTemporary(error)) throw error;
      this.#options.log.warn({ err: error }, 'nobody can tell whether a message was taken');
      return undefined;
    }
  }

  async #done(entry: Entry, item: OutgoingItem, sent: Sent): Promise<void> {
    const { store, place, events } = this.#options;
    entry.settled?.resolve(sent);
    const kept = encodeItem(shortened(item, beginning(item.message.text)));
    const done = store.done(place, { id: entry.id, content: kept }, sent.ids);
    const isWhole = (sent.refused ?? []).length === 0;
    const told = isWhole ? undefined : events.undelivered(refusedBy(item, sent));
    await store.database.write([...done, ...(told?.queries ?? [])]);
    this.#remove(entry);
    told?.tell();
  }

  async #giveUp(entry: Entry, item: OutgoingItem, error: unknown): Promise<void> {
    const { store, events, log } = this.#options;
    const isKnown = error instanceof NetworkError;
    if (!isKnown && error !== 'expired') log.error({ err: error }, 'a message failed by a defect');
    const event: UndeliveredEvent = {
      kind: 'undelivered',
      to: item.to,
      key: entry.key,
      reason: isKnown ? error.kind : error === 'expired' ? 'expired' : 'defect',
      text: isKnown ? error.message : '',
    };
    const told = events.undelivered(event);
    await store.database.write([store.failed(entry.id), ...told.queries]);
    this.#remove(entry);
    entry.settled?.reject(error);
    told.tell();
  }

  /** Nobody has taken it away meanwhile. */
  #isAhead(entry: Entry): boolean {
    return this.#chats.get(entry.chat)?.[0] === entry;
  }

  #remove(entry: Entry): void {
    const queue = this.#chats.get(entry.chat);
    if (queue === undefined || !this.#isAhead(entry)) return;
    queue.shift();
    this.#count -= 1;
    if (queue.length === 0) this.#chats.delete(entry.chat);
  }
}

function isTemporary(error: unknown): error is NetworkError {
  return error instanceof NetworkError && WORTH_ANOTHER_TRY.has(error.kind);
}

function stateOf(entry: Entry): Pick<OutboxRow, 'state' | 'attempt' | 'dueAt'> {
  const { attempt, dueAt, isMarked } = entry;
  return { state: isMarked ? 'sending' : 'waiting', attempt, dueAt };
}

function refusedBy({ to, message }: OutgoingItem, { refused = [] }: Sent): UndeliveredEvent {
  return {
    kind: 'undelivered',
    to,
    key: message.key,
    reason: refused[0]?.error.kind ?? 'refused',
    text: '',
    refused: refused.map(({ contact, error }) => ({ contact, text: error.message })),
  };
}

/** The same for the same stanza when it comes again. Without an id nobody can tell. */
function originOf({ stanza }: OutgoingItem, text: string): string | undefined {
  if (stanza.id === undefined) return undefined;
  const parts = [stanza.from, stanza.to, stanza.id, text];
  return hash('sha256', parts.join('\0'), 'base64url');
}

/** A gateway that never answers leaves us in doubt: the message is tried again, so that nobody reads of it. */
const answered = <Answer>(pending: Promise<Answer>): Promise<Answer> =>
  inTime(pending, SEND_TIMEOUT_MS, () => new NetworkError('uncertain', ''));
