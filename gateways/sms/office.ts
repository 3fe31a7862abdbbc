import type { GatewayContext } from '../../src/plugin/index.ts';
import { Carriers } from './carriers.ts';
import type { SmsOptions } from './options.ts';
import { Owners } from './owners.ts';
import { Shelf } from './shelf.ts';
import { Switchboard } from './switchboard.ts';
import { Tickets } from './tickets.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Quota } from './usage.ts';

const MAX_BUCKETS = 10_000;

/** What all sessions of one gateway share. */
export class Office {
  readonly options: SmsOptions;
  readonly context: GatewayContext;
  readonly now: () => number;
  readonly owners: Owners;
  readonly tickets: Tickets;
  readonly switchboard: Switchboard;
  readonly carriers: Carriers;
  /** Who wants the texts of whom to a shared number. */
  readonly claims: Shelf;
  /** Contacts that want no more texts from a number of ours. */
  readonly optOuts: Shelf;
  /** How much each user has sent. */
  readonly usage: Shelf;
  readonly #conversations: Shelf;
  readonly #quotas: Shelf;
  readonly #buckets = new Map<string, TokenBucket>();
  #blocked: Promise<readonly string[]> | undefined;

  /** @throws Error in words when options contradict each other */
  constructor(options: SmsOptions, context: GatewayContext, now: () => number) {
    const { memory } = context;
    this.options = options;
    this.context = context;
    this.now = now;
    this.owners = new Owners(options, memory);
    this.tickets = new Tickets(memory);
    this.claims = new Shelf(memory, 'claims');
    this.optOuts = new Shelf(memory, 'opt-outs');
    this.usage = new Shelf(memory, 'usage');
    this.#conversations = new Shelf(memory, 'conversations');
    this.#quotas = new Shelf(memory, 'quotas');
    this.switchboard = new Switchboard({
      context,
      owners: this.owners,
      tickets: this.tickets,
      conversations: this.#conversations,
      claims: this.claims,
      optOuts: this.optOuts,
      region: options.region,
      windowMs: options.sharedWindowHours * 3_600_000,
      now,
    });
    this.carriers = new Carriers(options, context, {
      received: (text) => this.switchboard.received(text),
      reported: (report) => this.switchboard.reported(report),
    });
  }

  /** The pace of one of our numbers, whoever sends from it. */
  bucket(number: string): TokenBucket {
    const known = this.#buckets.get(number);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MAX_BUCKETS) this.#buckets.clear();
    const made = new TokenBucket(this.options.rate, { now: this.now, wait });
    this.#buckets.set(number, made);
    return made;
  }

  async quotaOf(user: string): Promise<Quota> {
    const { segmentsPerDay, segmentsPerMonth } = this.options.limits;
    const [day, month] = ((await this.#quotas.get(user.toLowerCase())) ?? ' ').split(' ');
    return {
      segmentsPerDay: day ? Number(day) : segmentsPerDay,
      segmentsPerMonth: month ? Number(month) : segmentsPerMonth,
    };
  }

  /** @param day and month are `undefined` for what the configuration says */
  async setQuota(user: string, day: number | undefined, month: number | undefined): Promise<void> {
    await this.#quotas.put(user.toLowerCase(), `${day ?? ''} ${month ?? ''}`);
    await this.#quotas.flush();
  }

  /** Beginnings of numbers that administrators blocked, besides those of the options. */
  blocked(): Promise<readonly string[]> {
    this.#blocked ??= this.context.memory
      .get('blocked')
      .then((text) => (text ?? '').split('\n').filter((prefix) => prefix !== ''));
    return this.#blocked;
  }

  async block(prefixes: readonly string[]): Promise<void> {
    await this.context.memory.set('blocked', prefixes.join('\n'));
    this.#blocked = Promise.resolve(prefixes);
  }

  async close(): Promise<void> {
    await Promise.all(this.carriers.all.map(({ provider }) => provider.close()));
    const shelves = [this.claims, this.optOuts, this.usage, this.#conversations, this.#quotas];
    await Promise.all(shelves.map((shelf) => shelf.flush()));
  }
}

const wait = (delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('ended'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
