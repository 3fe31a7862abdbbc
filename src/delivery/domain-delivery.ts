import type { Logger } from 'pino';
import type { InboxStore } from '../store/inbox.ts';
import type { OutboxStore } from '../store/outbox.ts';
import type { Jid } from '../xmpp/jid.ts';
import { Barrier } from './barrier.ts';
import type { Line } from './barrier.ts';
import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import { Slots } from './slots.ts';
import { UserInbox } from './user-inbox.ts';
import type { InboxOptions } from './user-inbox.ts';
import { UserOutbox } from './user-outbox.ts';
import type { OutboxOptions } from './user-outbox.ts';

/** How many messages of all users of a domain are given to the network at once. */
const AT_ONCE = 256;
const HOUR_MS = 3_600_000;
const SWEEP_MS = 600_000;
/** Others have their turn between the steps of a sweep. */
const SWEEP_PAUSE_MS = 20;
/** Who does not show herself gets what came back with this delay at most, once she is there. */
const RETRY_MS = 1_800_000;

export interface DeliveryOptions {
  readonly domain: string;
  readonly store: { readonly outbox: OutboxStore; readonly inbox: InboxStore };
  readonly line: Line;
  readonly clock: Clock;
  readonly random?: () => number;
  readonly files: Files;
  readonly secret: Uint8Array;
  readonly expireHours: number;
  readonly keepDays: number;
  readonly log: Logger;
}

/** Stored delivery of one domain. */
export class DomainDelivery {
  readonly barrier: Barrier;
  readonly #options: DeliveryOptions;
  readonly #slots = new Slots(AT_ONCE);
  #isStopped = false;
  #cancelSweep: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.barrier = new Barrier(options.line, options.clock);
    this.#sweepLater();
  }

  outbox(user: Jid, log: Logger, events: OutboxOptions['events']): UserOutbox {
    const { domain, store, clock, random = Math.random, files, expireHours } = this.#options;
    return new UserOutbox({
      place: { gateway: domain, user: user.bare },
      store: store.outbox,
      slots: this.#slots,
      expireMs: expireHours * HOUR_MS,
      clock,
      random,
      files,
      log,
      events,
    });
  }

  inbox(user: Jid, log: Logger, events: InboxOptions['events']): UserInbox {
    const { domain, store, clock, files, secret } = this.#options;
    return new UserInbox({
      place: { gateway: domain, user: user.bare },
      server: user.domain,
      store: store.inbox,
      barrier: this.barrier,
      clock,
      files,
      secret,
      log,
      events,
    });
  }

  /** The bare JIDs of users for whom something is left from before. */
  async usersWithPending(): Promise<readonly string[]> {
    const { store, domain } = this.#options;
    const [sending, telling] = await Promise.all([
      store.outbox.usersWithPending(domain),
      store.inbox.usersWith(domain, 'new'),
    ]);
    return [...new Set([...sending, ...telling])];
  }

  /** Asks now and then that what came back be tried again, for users whom nobody has seen. */
  retry(again: (users: readonly string[]) => void): void {
    const { store, domain, clock, log } = this.#options;
    this.#cancelRetry = clock.after(RETRY_MS, () => {
      store.inbox.usersWith(domain, 'bounced').then(
        (users) => this.barrier.isAttached && again(users),
        (error: unknown) => log.warn({ err: error }, 'what came back could not be read'),
      );
      this.retry(again);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelSweep?.();
    this.#cancelRetry?.();
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#options.clock.after(SWEEP_MS, () => {
      this.#sweep().catch((error: unknown) =>
        this.#options.log.warn({ err: error }, 'old messages could not be swept'),
      );
      this.#sweepLater();
    });
  }

  /** What is over is kept for a while, so that nothing is told twice and answers find what they answer. */
  async #sweep(): Promise<void> {
    const { store, clock, keepDays } = this.#options;
    const before = clock.now() - keepDays * 24 * HOUR_MS;
    for (const kept of [store.outbox, store.inbox]) {
      let at: number | undefined = 0;
      while (at !== undefined && !this.#isStopped) {
        at = await kept.sweep(before, at);
        await new Promise<void>((resolve) => clock.after(SWEEP_PAUSE_MS, resolve));
      }
    }
  }
}
