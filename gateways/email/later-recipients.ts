import { addressOf } from './sent-mails.ts';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Host } from '../../src/plugin/index.ts';
import type { EmailOptions } from './options.ts';
import type { Mailer, Taken } from './smtp/mailer.ts';
import { isForNow, refusalsIn } from './smtp/outcome.ts';
import type { Refusal } from './smtp/outcome.ts';
import { Transfers } from './smtp/transfers.ts';
import type { Texts } from './texts.ts';
import type { Unfinished, UnfinishedMails } from './unfinished.ts';
import { compose } from './writing/compose.ts';
import { opened } from './writing/kept-letter.ts';
import { shortId } from './writing/message-ids.ts';

const LONGEST_WAIT_MS = 900_000;
const DAY_MS = 86_400_000;
/** So often a server may have taken it without saying so; one more try would be one more copy. */
const MAX_DOUBTS = 3;
const PATIENCE_MS = 50_000;

export interface LaterRecipientsParts {
  /** The address that mails are from now. */
  readonly own: string;
  readonly mailer: Mailer;
  readonly unfinished: UnfinishedMails;
  readonly host: Host;
  readonly options: EmailOptions;
  readonly texts: () => Texts;
  returnPath(id: string): string;
}

interface Waiting {
  readonly dueAt: number;
  readonly tries: number;
  readonly doubts: number;
  /** What was last said of them. */
  readonly words: ReadonlyMap<string, string>;
}

/**
 * Recipients who were refused for now when others were taken: they get the mail later, by themselves, or the user is told that they do
 * not.
 */
export class LaterRecipients {
  readonly #parts: LaterRecipientsParts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #transfers = new Transfers<Taken>(PATIENCE_MS);
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;

  constructor(parts: LaterRecipientsParts) {
    this.#parts = parts;
  }

  /** Goes on with what is on disk, until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    const { options, unfinished } = this.#parts;
    this.#signal = signal;
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
    await unfinished.load();
    const now = Date.now();
    for (const { isTaken, key, later } of unfinished.all) {
      if (!isTaken || later.length === 0 || this.#waiting.has(key)) continue;
      const dueAt = now + options.timings.laterMs * Math.random();
      this.#waiting.set(key, { dueAt, tries: 1, doubts: 0, words: new Map() });
    }
    this.#schedule();
  }

  add(key: string, refused: readonly Refusal[]): void {
    const { laterMs } = this.#parts.options.timings;
    const dueAt = Date.now() + laterMs * (0.5 + Math.random());
    this.#waiting.set(key, { dueAt, tries: 1, doubts: 0, words: wordsOf(refused) });
    this.#schedule();
  }

  /** The registration ends: whoever still waits does not get it, and the user is told. What is kept goes with her. */
  async abandon(): Promise<void> {
    const { texts, unfinished } = this.#parts;
    const error = new NetworkError('unreachable', texts().hasUnregistered);
    await unfinished.load();
    for (const state of unfinished.all.filter(({ isTaken }) => isTaken)) {
      for (const address of state.later) await this.#tell(state, { address, error });
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isWorking || this.#waiting.size === 0) return;
    if (this.#signal === undefined || this.#signal.aborted) return;
    const next = Math.min(...[...this.#waiting.values()].map(({ dueAt }) => dueAt));
    this.#timer = setTimeout(() => void this.#work(), Math.max(0, next - Date.now())).unref();
  }

  /** One after another: there are few. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    for (const [key, waiting] of this.#waiting) {
      if (waiting.dueAt > Date.now() || this.#signal?.aborted === true) continue;
      try {
        await this.#again(key, waiting);
      } catch (error) {
        this.#parts.host.log.error({ err: error }, 'a recipient of a mail was not tried again');
        this.#wait(key, waiting);
      }
    }
    this.#isWorking = false;
    this.#schedule();
  }

  async #again(key: string, waiting: Waiting): Promise<void> {
    const { host, unfinished } = this.#parts;
    const state = await unfinished.find(key);
    if (state === undefined || state.later.length === 0) return void this.#waiting.delete(key);
    const isLate = Date.now() - state.since >= (host.messageLifeMs ?? DAY_MS);
    if (isLate) return this.#giveUp(state, waiting, 'unreachable');
    try {
      await this.#settle(state, waiting, (await this.#handOver(state)).refused);
    } catch (error) {
      if (this.#signal?.aborted === true) return;
      if (!(error instanceof NetworkError)) throw error;
      const refused = refusalsIn(error, this.#parts.texts());
      if (refused.length > 0) return this.#settle(state, waiting, refused);
      const doubts = waiting.doubts + (error.kind === 'uncertain' ? 1 : 0);
      const words = new Map(state.later.map((address) => [address, error.message]));
      const now = { ...waiting, doubts, words };
      if (doubts >= MAX_DOUBTS || isFinal(error)) return this.#giveUp(state, now, error.kind);
      this.#wait(key, now);
    }
  }

  async #handOver(state: Unfinished): Promise<Taken> {
    const { host, mailer, options, own, texts, unfinished } = this.#parts;
    const signal = this.#signal ?? AbortSignal.abort();
    const kept = await unfinished.letter(state.key);
    // Under another registration it would go out by a server that is not for this sender.
    if (kept?.from !== own) throw new NetworkError('refused', '');
    const letter = opened(kept, host);
    const maxFileBytes = options.limits.outboundBytes;
    const envelope = {
      from: this.#parts.returnPath(letter.messageId),
      to: state.later,
      ...(state.asksReceipt ? { receipt: shortId(letter.messageId) } : {}),
    };
    this.#transfers.begin(state.key, (progress) => {
      const either = AbortSignal.any([signal, progress.signal]);
      const how = { texts: texts(), signal: either };
      return mailer.send(envelope, () => compose(letter, { ...how, isKept: false, maxFileBytes }), {
        ...how,
        progress,
      });
    });
    return this.#transfers.end(state.key);
  }

  /** All others have it now. */
  async #settle(state: Unfinished, waiting: Waiting, refused: readonly Refusal[]): Promise<void> {
    const { unfinished } = this.#parts;
    for (const one of refused.filter((each) => !isForNow(each))) await this.#tell(state, one);
    const later = refused.filter(isForNow).map(({ address }) => address);
    await unfinished.change(state.key, { later });
    if (later.length === 0) this.#waiting.delete(state.key);
    else this.#wait(state.key, { ...waiting, words: wordsOf(refused) });
  }

  async #giveUp(state: Unfinished, { words }: Waiting, kind: NetworkError['kind']): Promise<void> {
    const { texts, unfinished } = this.#parts;
    for (const address of state.later) {
      const text = texts().givenUp(words.get(address) ?? '');
      await this.#tell(state, { address, error: new NetworkError(kind, text) });
    }
    await unfinished.change(state.key, { later: [] });
    this.#waiting.delete(state.key);
  }

  async #tell(state: Unfinished, { address, error }: Refusal): Promise<void> {
    const { host, texts } = this.#parts;
    const text = texts().bounced(address, error.message);
    await host.emit({
      kind: 'failed',
      to: addressOf({ key: state.key, to: state.to, id: '' }),
      key: state.key,
      error: new NetworkError(error.kind, text),
    });
  }

  #wait(key: string, waiting: Waiting): void {
    const { laterMs } = this.#parts.options.timings;
    const fullMs = Math.min(laterMs * 2 ** waiting.tries, LONGEST_WAIT_MS);
    const dueAt = Date.now() + fullMs * (0.5 + Math.random() / 2);
    this.#waiting.set(key, { ...waiting, dueAt, tries: Math.min(waiting.tries + 1, 20) });
  }
}

/** No other try ends better; a password may be mended. */
const isFinal = ({ kind }: NetworkError): boolean =>
  !['unreachable', 'too-fast', 'uncertain', 'credentials'].includes(kind);

const wordsOf = (refused: readonly Refusal[]): ReadonlyMap<string, string> =>
  new Map(refused.map(({ address, error }) => [address, error.message]));
