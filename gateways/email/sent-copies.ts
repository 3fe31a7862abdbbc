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
const LIFE_MS = 7 * 86_400_000;

export interface SentCopiesParts {
  /** The address of the mailbox. */
  readonly own: string;
  readonly mailbox: Mailbox;
  readonly unfinished: UnfinishedMails;
  readonly host: Host;
  readonly options: EmailOptions;
  readonly texts: () => Texts;
}

/** Puts what was sent into the mailbox, when it can be reached, and once. */
export class SentCopies {
  readonly #parts: SentCopiesParts;
  readonly #spools = new Map<string, Spool>();
  /** It may lie there already. */
  readonly #tried = new Set<string>();
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isWorking = false;

  constructor(parts: SentCopiesParts) {
    this.#parts = parts;
    parts.mailbox.whenOpen(() => this.#work());
  }

  /** Goes on with what is on disk, until the signal aborts. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#stop(), { once: true });
    await this.#parts.unfinished.load();
    for (const { key } of this.#missing) this.#tried.add(key);
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
      .catch((error: unknown) => this.#tell(state, letter, error))
      .catch((error: unknown) => this.#parts.host.log.error({ err: error }, 'not told of a copy'))
      .finally(() => void spool.discard());
  }

  get #missing(): readonly Unfinished[] {
    return this.#parts.unfinished.all.filter(({ isFiled, isTaken }) => isTaken && !isFiled);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    for (const spool of this.#spools.values()) void spool.discard();
    this.#spools.clear();
  }

  #work(): void {
    if (this.#isWorking || this.#signal === undefined || this.#signal.aborted) return;
    clearTimeout(this.#timer);
    this.#isWorking = true;
    this.#fileAll(this.#signal).catch((error: unknown) => {
      if (this.#signal?.aborted === true) return;
      this.#parts.host.log.info({ err: error }, 'cannot keep a copy of what was sent now');
      this.#timer = setTimeout(() => this.#work(), AGAIN_MS).unref();
    });
  }

  async #fileAll(signal: AbortSignal): Promise<void> {
    try {
      for (let [state] = this.#missing; state !== undefined; [state] = this.#missing) {
        signal.throwIfAborted();
        await this.#file(state);
      }
    } finally {
      this.#isWorking = false;
    }
  }

  async #file(state: Unfinished): Promise<void> {
    const { own, unfinished } = this.#parts;
    const { key } = state;
    const letter = await unfinished.letter(key);
    try {
      if (letter !== undefined && letter.from !== own) throw new NetworkError('refused', '');
      if (letter !== undefined) {
        await this.#append(letter, () => this.#content(key, letter), this.#tried.has(key));
      }
    } catch (error) {
      this.#tried.add(key);
      const isFinal = error instanceof NetworkError && error.kind === 'refused';
      const isLate = Date.now() - state.since > LIFE_MS;
      if (letter === undefined || !(isFinal || isLate)) throw error;
      await this.#tell(state, letter, error);
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
  ): Promise<void> {
    return this.#parts.mailbox.fileSent({
      id: messageId,
      at: new Date(at),
      content,
      mayBeThere,
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

  async #tell({ to }: Unfinished, { subject }: KeptLetter, error: unknown): Promise<void> {
    const { host, texts } = this.#parts;
    const why = error instanceof NetworkError ? error.message : '';
    await host.emit({ kind: 'notice', text: texts().notFiled(subject, to, why) });
  }
}
