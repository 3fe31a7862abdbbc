import { NetworkError } from '../../src/plugin/index.ts';
import type { Host } from '../../src/plugin/index.ts';
import type { Mailbox } from './mailbox.ts';
import type { EmailOptions } from './options.ts';
import type { Texts } from './texts.ts';
import type { Unfinished, UnfinishedMails } from './unfinished.ts';
import { composed } from './writing/compose.ts';
import { opened } from './writing/kept-letter.ts';
import type { KeptLetter } from './writing/kept-letter.ts';
import type { Spool } from './writing/spool.ts';

/** So many mails are at hand as they went out; others are written once more. */
const MAX_SPOOLS = 32;
const AGAIN_MS = 300_000;
/** Each wait for the next try of a mail is so many times as long as the one before: with as many tries, ten hours in all. */
const LONGER = 3;
/** A mail that breaks the connection each time would do so for ever. */
const MAX_TRIES = 6;
const LIFE_MS = 7 * 86_400_000;

export interface SentCopiesParts {
  /** The address of the mailbox. */
  readonly own: string;
  readonly mailbox: Pick<Mailbox, 'fileSent' | 'whenOpen'>;
  readonly unfinished: UnfinishedMails;
  readonly host: Host;
  readonly options: EmailOptions;
  readonly texts: () => Texts;
  /** The first wait for another try. */
  readonly againMs?: number;
}

interface Tried {
  readonly tries: number;
  readonly dueAt: number;
}

/** Puts what was sent into the mailbox, when it can be reached, and once. */
export class SentCopies {
  readonly #parts: SentCopiesParts;
  readonly #spools = new Map<string, Spool>();
  /** These may lie there already. */
  readonly #tried = new Map<string, Tried>();
  readonly #againMs: number;
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;

  constructor(parts: SentCopiesParts) {
    this.#parts = parts;
    this.#againMs = parts.againMs ?? AGAIN_MS;
    parts.mailbox.whenOpen(() => this.#work());
  }

  /** Goes on with what is on disk, until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#stop(), { once: true });
    await this.#parts.unfinished.load();
    for (const { key } of this.#missing) this.#tried.set(key, { tries: 0, dueAt: 0 });
    if (this.#missing.length > 0) this.#work();
  }

  /** A mail was sent, and is kept. */
  add(key: string, spool: Spool): void {
    if (this.#spools.size < MAX_SPOOLS) this.#spools.set(key, spool);
    else void spool.discard();
    this.#work();
  }

  /** The same for one that there was no room to keep: there is this one try. */
  addOnce(state: Unfinished, letter: KeptLetter, spool: Spool): void {
    this.#append(letter, () => spool.content(), false)
      .catch((error: unknown) => this.#tell(state, letter.subject, error))
      .catch((error: unknown) => this.#parts.host.log.error({ err: error }, 'not told of a copy'))
      .finally(() => void spool.discard());
  }

  /** The registration ends: the user is told what lies in no folder. */
  async abandon(): Promise<void> {
    const { texts, unfinished } = this.#parts;
    const error = new NetworkError('unreachable', texts().hasUnregistered);
    await unfinished.load();
    for (const state of this.#missing) {
      const letter = await unfinished.letter(state.key);
      await this.#tell(state, letter?.subject ?? '', error);
    }
  }

  get #missing(): readonly Unfinished[] {
    return this.#parts.unfinished.all.filter(({ isFiled, isTaken }) => isTaken && !isFiled);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    for (const spool of this.#spools.values()) void spool.discard();
    this.#spools.clear();
  }

  #dueAt({ key }: Unfinished): number {
    return this.#tried.get(key)?.dueAt ?? 0;
  }

  #work(): void {
    const signal = this.#signal;
    if (this.#isWorking || signal === undefined || signal.aborted) return;
    clearTimeout(this.#timer);
    this.#isWorking = true;
    this.#fileAll(signal)
      .finally(() => (this.#isWorking = false))
      .then(() => {
        if (this.#missing.length === 0) return;
        this.#workAt(Math.min(...this.#missing.map((state) => this.#dueAt(state))));
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#parts.host.log.info({ err: error }, 'cannot keep a copy of what was sent now');
        this.#workAt(Date.now() + this.#againMs);
      });
  }

  #workAt(at: number): void {
    if (this.#signal?.aborted === true) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#work(), Math.max(0, at - Date.now())).unref();
  }

  /** All whose time has come. @throws NetworkError while the mailbox is away */
  async #fileAll(signal: AbortSignal): Promise<void> {
    const next = (): Unfinished | undefined =>
      this.#missing.find((state) => this.#dueAt(state) <= Date.now());
    for (let state = next(); state !== undefined; state = next()) {
      signal.throwIfAborted();
      await this.#file(state, signal);
    }
  }

  async #file(state: Unfinished, signal: AbortSignal): Promise<void> {
    const { own, unfinished } = this.#parts;
    const { key } = state;
    let letter: KeptLetter | undefined;
    let isAway = false;
    try {
      const kept = await unfinished.letter(key);
      letter = kept;
      if (kept !== undefined && kept.from !== own) throw new NetworkError('refused', '');
      if (kept !== undefined) {
        isAway = true;
        const begins = (): void => void (isAway = false);
        await this.#append(kept, () => this.#content(key, kept), this.#tried.has(key), begins);
      }
    } catch (error) {
      signal.throwIfAborted();
      const isLate = Date.now() - state.since > LIFE_MS;
      if (isAway && !isLate) throw error;
      const tries = (this.#tried.get(key)?.tries ?? 0) + 1;
      const isFinal = error instanceof NetworkError && error.kind === 'refused';
      if (!isFinal && !isLate && tries < MAX_TRIES) {
        this.#parts.host.log.info({ err: error }, 'a copy of what was sent is tried again later');
        const waitMs = this.#againMs * LONGER ** (tries - 1);
        this.#tried.set(key, { tries, dueAt: Date.now() + waitMs });
        return;
      }
      await this.#tell(state, letter?.subject ?? '', error);
    }
    this.#tried.delete(key);
    void this.#spools.get(key)?.discard();
    this.#spools.delete(key);
    await unfinished.change(key, { isFiled: true });
  }

  #append(
    { at, messageId }: KeptLetter,
    content: () => Promise<Buffer>,
    mayBeThere: boolean,
    begins: () => void = () => undefined,
  ): Promise<void> {
    return this.#parts.mailbox.fileSent({
      id: messageId,
      at: new Date(at),
      content,
      mayBeThere,
      begins,
    });
  }

  async #content(key: string, letter: KeptLetter): Promise<Buffer> {
    const spool = this.#spools.get(key);
    if (spool !== undefined) return spool.content();
    const { host, options, texts } = this.#parts;
    return composed(opened(letter, host), {
      maxFileBytes: options.limits.outboundBytes,
      signal: this.#signal ?? AbortSignal.abort(),
      texts: texts(),
    });
  }

  async #tell({ to }: Unfinished, subject: string, error: unknown): Promise<void> {
    const { host, texts } = this.#parts;
    const why = error instanceof NetworkError ? error.message : '';
    await host.emit({ kind: 'notice', text: texts().notFiled(subject, to, why) });
  }
}
