import type { Address, MessageId, NetworkError, Sent } from '../../src/plugin/index.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import type { Queued } from './throttle.ts';

const NO_IDS: Sent = { ids: [] };

/** A message of the user on its way: the lines that it makes, and what became of them. */
export class Letter implements Queued {
  readonly to: Address;
  readonly key: string;
  /** Nick or channel, folded. */
  readonly lane: string;
  readonly lines: readonly string[];
  readonly at = Date.now();
  readonly #write: (letter: Letter, line: string) => void;
  readonly #ids: MessageId[] = [];
  #answer: Deferred<Sent> | undefined;
  #next = 0;
  /** Lines that the connection has surely taken. */
  taken = 0;
  writtenAt = 0;
  /** Lines that were written and may yet be refused. */
  refusable = 0;
  /** The core counts it as sent: what goes wrong from now on is told by an event. */
  isAccepted = false;
  error: NetworkError | undefined;

  constructor(
    { to, key, lane, lines }: Pick<Letter, 'to' | 'key' | 'lane' | 'lines'>,
    write: (letter: Letter, line: string) => void,
  ) {
    this.to = to;
    this.key = key;
    this.lane = lane;
    this.lines = lines;
    this.#write = write;
  }

  get left(): number {
    return this.lines.length - this.#next;
  }

  /** Settles when all is written and, where the server confirms that, taken. */
  get answer(): Promise<Sent> {
    this.#answer ??= deferred<Sent>();
    if (this.error !== undefined) this.#answer.reject(this.error);
    else if (this.isAccepted) this.#answer.resolve(this.#sent);
    return this.#answer.promise;
  }

  writeNext(): void {
    const line = this.lines[this.#next];
    if (line === undefined) return;
    this.#next += 1;
    this.writtenAt = Date.now();
    this.refusable += 1;
    this.#write(this, line);
  }

  /** The server has given a line this id. */
  named(id: MessageId): void {
    this.#ids.push(id);
  }

  accept(): void {
    if (this.isAccepted || this.error !== undefined) return;
    this.isAccepted = true;
    this.#answer?.resolve(this.#sent);
  }

  /** @returns whether the core must be told by an event. */
  fail(error: NetworkError): boolean {
    if (this.error !== undefined) return false;
    this.error = error;
    this.#answer?.reject(error);
    return this.isAccepted;
  }

  get #sent(): Sent {
    return this.#ids.length === 0 ? NO_IDS : { ids: this.#ids };
  }
}
