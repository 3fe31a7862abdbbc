import type { Attachment } from '../session/attachment.ts';

export interface ProbingOptions {
  readonly attachment: Attachment;
  /** The bare JIDs of all registered users. */
  readonly users: () => Promise<readonly string[]>;
  /** Asks one. */
  readonly probe: (user: string) => void;
  /** One has had time to answer, by each of her resources. */
  readonly settled: (user: string) => void;
  readonly now: () => number;
  readonly random: () => number;
}

const PER_TICK = 5;
const TICK_MS = 250;

/**
 * RFC 6121 §4.3, XEP-0100 §8: no server tells us who is there after we were away, so that all registered users are asked:
 * about 20 a second, in no order, not in step with other gateways. Who is silent for half a minute is offline.
 */
export class Probing {
  readonly #options: ProbingOptions;
  #timer: NodeJS.Timeout | undefined;
  #round = 0;
  #waiting: string[] = [];

  constructor(options: ProbingOptions) {
    this.#options = options;
  }

  /** Begins anew; resolves when it is known who is to be asked. */
  async start(): Promise<void> {
    this.stop();
    const round = this.#round;
    const users = [...(await this.#options.users())];
    if (round !== this.#round) return;
    this.#waiting = shuffled(users, this.#options.random);
    this.#schedule();
  }

  stop(): void {
    this.#round += 1;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #schedule(): void {
    const delayMs = TICK_MS * (0.5 + this.#options.random());
    this.#timer = setTimeout(() => this.#tick(), delayMs);
    this.#timer.unref();
  }

  #tick(): void {
    const { attachment, probe, settled, now } = this.#options;
    for (const user of this.#waiting.splice(0, PER_TICK)) {
      attachment.probed(user, now());
      probe(user);
    }
    if (this.#waiting.length === 0) attachment.allProbed();
    for (const user of attachment.settled(now())) settled(user);
    if (this.#waiting.length > 0 || attachment.askedCount > 0) this.#schedule();
  }
}

/** Fisher and Yates. */
function shuffled(users: readonly string[], random: () => number): string[] {
  const result = [...users];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [result[last], result[other]];
    if (a === undefined || b === undefined) continue;
    result[last] = b;
    result[other] = a;
  }
  return result;
}
