import type { RoomMessageEvent } from '../../src/plugin/index.ts';
import { ask } from './ask.ts';
import type { Batch } from './batches.ts';
import type { Channel } from './channel.ts';
import type { ServerLink } from './server-link.ts';

/** A line that says nothing: the next page may begin behind it all the same. */
export interface Passed extends Pick<RoomMessageEvent, 'id' | 'at' | 'nick' | 'text'> {
  readonly kind: 'passed';
}

/** What a server remembers of a channel, as one answer brings it. */
export type Page = (RoomMessageEvent | Passed)[];

const NEEDED = ['draft/chathistory', 'batch', 'message-tags', 'server-time'];
/** Asked for at once, if the server does not want less. */
const PAGE_COUNT = 100;
/** Of one answer no more is taken, whatever was asked for. */
const MOST_EVENTS = 1_000;
/** For one channel after one loss. */
const MOST_PAGES = 10;
/** Clocks that differ by less are taken for one: so much of what is known is asked for once more. */
const SKEW_MS = 60_000;
/** More than this does not wait for it. */
export const HELD_COUNT = 500;

/** Takes a line of an answer. */
export function remember(page: Page, event: RoomMessageEvent | Passed): void {
  if (page.length < MOST_EVENTS) page.push(event);
}

/** Whether the server can be asked for what was said (IRCv3 draft/chathistory). */
export const hasHistory = ({ capabilities }: ServerLink): boolean =>
  NEEDED.every((name) => capabilities.has(name));

/** Tells what waited. */
export function releaseHeld(link: ServerLink, channel: Channel): void {
  const { held } = channel;
  channel.held = undefined;
  channel.heldAt = 0;
  for (const event of held ?? []) link.emit(event);
}

/**
 * Channels that the user has come into, and what was said in them without her. They take turns, so that her own lines can
 * leave in between. What is said meanwhile waits behind it.
 */
export class History {
  readonly #link: ServerLink;
  readonly #queue: Channel[] = [];
  #isBusy = false;

  constructor(link: ServerLink) {
    this.#link = link;
  }

  /** The channel has just been entered. */
  add(channel: Channel): void {
    channel.held ??= [];
    channel.heldAt = Date.now();
    this.#queue.push(channel);
    if (!this.#isBusy) void this.#work();
  }

  /** Called every few seconds: nobody waits for ever. */
  beat(now: number): void {
    const { historyTimeoutMs } = this.#link.context.timings;
    for (const channel of this.#link.channels) {
      if (channel.heldAt > 0 && now - channel.heldAt > historyTimeoutMs) {
        releaseHeld(this.#link, channel);
      }
    }
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await this.#catchUp(next);
      }
    } finally {
      this.#isBusy = false;
      if (this.#link.history === this) this.#link.history = undefined;
    }
  }

  async #catchUp(channel: Channel): Promise<void> {
    const known = new Set<string>();
    try {
      await this.#fetch(channel, known);
    } catch (error) {
      this.#link.context.host.log.info({ err: error }, 'the history of a channel is not to be had');
    }
    // What was lost again meanwhile is asked for from the first loss on.
    if (!this.#isIn(channel)) return;
    channel.lostAt = undefined;
    const { held = [] } = channel;
    // What was said while we asked is in the answer, too.
    channel.held = held.filter(({ kind, id }: HeldEvent) => {
      return kind !== 'room-message' || id === undefined || !known.has(id);
    });
    releaseHeld(this.#link, channel);
  }

  async #fetch(channel: Channel, known: Set<string>): Promise<void> {
    const { lostAt } = channel;
    const { historyReferences, historyCount } = this.#link.features;
    const hasTimes = historyReferences.length === 0 || historyReferences.includes('timestamp');
    const limit = Math.min(historyCount === 0 ? PAGE_COUNT : historyCount, PAGE_COUNT);
    if (lostAt === undefined || !hasTimes) {
      await this.#page(channel, known, ['LATEST', channel.name, '*', String(limit)]);
      return;
    }
    let from: string | undefined = `timestamp=${new Date(lostAt - SKEW_MS).toISOString()}`;
    for (let pages = 0; pages < MOST_PAGES && from !== undefined; pages += 1) {
      from = await this.#page(channel, known, ['AFTER', channel.name, from, String(limit)]);
    }
    if (from === undefined) return;
    this.#link.emit({
      kind: 'room-message',
      room: channel.room,
      text: this.#link.troubles.historyGap,
    });
    await this.#page(channel, known, ['LATEST', channel.name, from, String(limit)]);
  }

  /** Asks for one page, and tells it. @returns where the next one begins; `undefined` when there is none */
  async #page(
    channel: Channel,
    known: Set<string>,
    params: readonly string[],
  ): Promise<string | undefined> {
    if (!this.#isIn(channel)) return undefined;
    const events = await askForPage(this.#link, channel, params);
    if (!this.#isIn(channel)) return undefined;
    let isNew = false;
    for (const event of events) {
      const name = event.id ?? `${event.at?.getTime() ?? ''} ${event.nick ?? ''} ${event.text}`;
      if (known.has(name)) continue;
      known.add(name);
      isNew = true;
      if (event.kind === 'passed') continue;
      // While the core is behind, nothing is read, and an answer to another question would be missed.
      const taken = this.#link.tell(event);
      if (taken !== undefined) await taken;
    }
    // A server that says the same again has no more to say.
    return isNew ? this.#reference(events.at(-1)) : undefined;
  }

  #reference(last: Page[number] | undefined): string | undefined {
    if (last?.id !== undefined && this.#link.features.historyReferences.includes('msgid')) {
      return `msgid=${last.id}`;
    }
    return last?.at === undefined ? undefined : `timestamp=${last.at.toISOString()}`;
  }

  /** It was neither left nor lost meanwhile. */
  #isIn(channel: Channel): boolean {
    return channel.phase === 'in' && this.#link.channels.has(channel);
  }
}

type HeldEvent = { readonly kind: string; readonly id?: string };

/** @throws NetworkError */
async function askForPage(
  link: ServerLink,
  channel: Channel,
  params: readonly string[],
): Promise<Page> {
  const page: Page = [];
  const folded = link.fold(channel.name);
  let name: string | undefined;
  let batch: Batch | undefined;
  try {
    await ask(link, {
      command: 'CHATHISTORY',
      params,
      names: [channel.name],
      hear: ({ command, params: [reference = '', type, target = ''] }) => {
        if (command !== 'BATCH') return false;
        if (name !== undefined) return reference === `-${name}`;
        if (type !== 'chathistory' || link.fold(target) !== folded) return false;
        name = reference.slice(1);
        batch = link.batches?.get(name);
        if (batch !== undefined) batch.page = page;
        return false;
      },
    });
  } catch (error) {
    // What has come of a batch without an end is true all the same.
    if (page.length === 0) throw error;
  } finally {
    if (batch !== undefined) batch.page = undefined;
  }
  return page.toSorted((one, two) => (one.at?.getTime() ?? 0) - (two.at?.getTime() ?? 0));
}
