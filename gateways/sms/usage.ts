import type { Memory } from '../../src/plugin/index.ts';

/** How many segments a user has sent. Days and months are those of UTC. */
export interface Usage {
  readonly day: string;
  readonly today: number;
  readonly month: string;
  readonly thisMonth: number;
}

export interface Quota {
  readonly segmentsPerDay: number;
  readonly segmentsPerMonth: number;
}

const KEY = 'usage';

/** The counters of one user's segments. */
export class UsageCounter {
  readonly #memory: Pick<Memory, 'get' | 'set'>;
  readonly #now: () => number;
  #usage: Promise<Usage> | undefined;
  #saving: Promise<void> | undefined;
  #isStale = false;
  /** Counted before they are sent, so that texts under way together do not exceed what one by one they would not. */
  #reserved = 0;

  constructor(memory: Pick<Memory, 'get' | 'set'>, now: () => number) {
    this.#memory = memory;
    this.#now = now;
  }

  async read(): Promise<Usage> {
    this.#usage ??= this.#memory.get(KEY).then(decode);
    return current(await this.#usage, new Date(this.#now()));
  }

  /** Which limit so many segments more would pass; what is under way is counted, too, until it is released. */
  async reserve(segments: number, quota: Quota): Promise<'day' | 'month' | undefined> {
    const { today, thisMonth } = await this.read();
    const more = this.#reserved + segments;
    if (today + more > quota.segmentsPerDay) return 'day';
    if (thisMonth + more > quota.segmentsPerMonth) return 'month';
    this.#reserved += segments;
    return undefined;
  }

  /** Ends a reservation: the text was taken, or was not. */
  async release(segments: number, wasTaken: boolean): Promise<void> {
    this.#reserved -= segments;
    if (!wasTaken) return;
    const usage = await this.read();
    this.#usage = Promise.resolve({
      ...usage,
      today: usage.today + segments,
      thisMonth: usage.thisMonth + segments,
    });
    this.#save();
  }

  /** Resolves when all that was counted is on disk. */
  async saved(): Promise<void> {
    await this.#saving;
  }

  /** Writes one after the other, and only the last of what changed meanwhile. */
  #save(): void {
    this.#isStale = true;
    this.#saving ??= this.#write().finally(() => (this.#saving = undefined));
  }

  async #write(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#memory.set(KEY, JSON.stringify(await this.read()));
    }
  }
}

function current(usage: Usage, now: Date): Usage {
  const day = now.toISOString().slice(0, 10);
  const month = day.slice(0, 7);
  return {
    day,
    today: usage.day === day ? usage.today : 0,
    month,
    thisMonth: usage.month === month ? usage.thisMonth : 0,
  };
}

function decode(text: string | undefined): Usage {
  const none: Usage = { day: '', today: 0, month: '', thisMonth: 0 };
  if (text === undefined) return none;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return none;
  const { day, today, month, thisMonth } = { ...none, ...value };
  return {
    day: String(day),
    today: Number(today) || 0,
    month: String(month),
    thisMonth: Number(thisMonth) || 0,
  };
}
