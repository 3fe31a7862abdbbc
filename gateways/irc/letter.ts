import type { Address, MessageId, NetworkError, Sent } from '../../src/plugin/index.ts';
import { linesOfBlock } from './multiline.ts';
import type { Queued } from './throttle.ts';
import type { Waiting } from './transport.ts';

/** Where the server does not say back what it is told. */
export const NO_IDS: Sent = { ids: [] };
const NO_LINES: readonly string[] = [];

/** Who sends letters. */
export interface LetterDesk {
  write(letter: Letter, line: string): void;
  /** The connection has taken one more of its lines. */
  took(letter: Letter): void;
  /** The connection was gone before it took one of its lines. */
  lost(letter: Letter): void;
}

/** What a letter is made of. */
export interface Contents extends Pick<Letter, 'to' | 'key' | 'lane'> {
  readonly lines: readonly string[];
  /** Each of the lines is several, between line feeds, with nothing in between (draft/multiline). */
  readonly isMultiline?: boolean;
}

/** A message of the user on its way: the lines that it makes, and what became of them. */
export class Letter implements Queued, Waiting {
  readonly to: Address;
  readonly key: string;
  /** Nick or channel, folded. */
  readonly lane: string;
  readonly isMultiline: boolean;
  #lines: readonly string[];
  readonly at = Date.now();
  readonly #desk: LetterDesk;
  #ids: MessageId[] | undefined;
  #resolve: ((sent: Sent) => void) | undefined;
  #reject: ((error: NetworkError) => void) | undefined;
  #next = 0;
  /** Lines that the connection has surely taken. */
  taken = 0;
  writtenAt = 0;
  /** Lines that were written and may yet be refused. */
  refusable = 0;
  /** The core counts it as sent: what goes wrong from now on is told by an event. */
  isAccepted = false;
  error: NetworkError | undefined;

  constructor({ to, key, lane, lines, isMultiline }: Contents, desk: LetterDesk) {
    this.isMultiline = isMultiline === true;
    this.to = to;
    this.key = key;
    this.lane = lane;
    this.#lines = lines;
    this.#desk = desk;
  }

  get left(): number {
    return this.#lines.length - this.#next;
  }

  /** A single line that counts as sent: there is no more to know of it. */
  get isBrief(): boolean {
    return this.isAccepted && this.#lines.length === 1;
  }

  /** The lines that the connection has not surely taken. */
  get untaken(): readonly string[] {
    const left = this.#lines.slice(this.taken);
    return this.isMultiline ? left.flatMap(linesOfBlock) : left;
  }

  /** Settles when all is written and, where the server confirms that, taken. To be asked for once. */
  answer(): Promise<Sent> {
    if (this.error !== undefined) return Promise.reject(this.error);
    if (this.isAccepted) return Promise.resolve(this.#sent);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  writeNext(): void {
    const line = this.#lines[this.#next];
    if (line === undefined) return;
    this.#next += 1;
    this.writtenAt = Date.now();
    this.refusable += 1;
    this.#desk.write(this, line);
  }

  written(): void {
    this.taken += 1;
    this.#desk.took(this);
    if (this.isAccepted) this.#release();
  }

  unwritten(): void {
    this.#desk.lost(this);
  }

  /** The server has given a line this id. */
  named(id: MessageId): void {
    (this.#ids ??= []).push(id);
  }

  accept(): void {
    if (this.isAccepted || this.error !== undefined) return;
    this.isAccepted = true;
    this.#resolve?.(this.#sent);
    this.#release();
  }

  /** @returns whether the core must be told by an event. */
  fail(error: NetworkError): boolean {
    if (this.error !== undefined) return false;
    this.error = error;
    this.#reject?.(error);
    this.#release();
    return this.isAccepted;
  }

  get #sent(): Sent {
    return this.#ids === undefined ? NO_IDS : { ids: this.#ids };
  }

  /** It may be remembered for long. */
  #release(): void {
    this.#resolve = undefined;
    this.#reject = undefined;
    if (this.left > 0 || this.taken < this.#lines.length) return;
    this.#lines = NO_LINES;
    this.#next = 0;
    this.taken = 0;
  }
}
