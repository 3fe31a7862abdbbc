import { NetworkError } from '../../src/plugin/index.ts';
import type { Address, Event } from '../../src/plugin/index.ts';
import { formatCtcp } from './ctcp.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import { encodeLine, oneLine } from './encode-line.ts';
import type { ThrottleOptions } from './options.ts';
import { splitText } from './split-text.ts';
import { Throttle } from './throttle.ts';
import type { Batch } from './throttle.ts';
import type { Timings } from './timings.ts';
import type { SocketTransport } from './transport.ts';

const CAPACITY = 1_000;
const LINE_BYTES = 510;
/** For what the server puts before our lines, while our own mask is not known: user 10, host 63, and signs. */
const MASK_ALLOWANCE = 76;
const UNFINISHED_COUNT = 100;

/** Lines left of messages that broke off, by key: the next try goes on there. */
export type Unfinished = Map<string, readonly string[]>;

export interface SenderParts {
  readonly transport: SocketTransport;
  readonly throttle: ThrottleOptions;
  readonly timings: Timings;
  readonly unfinished: Unfinished;
  readonly emit: (event: Event) => void;
}

/** A message of the user. */
export interface Letter {
  readonly to: Address;
  readonly key: string;
  /** Nick or channel as it stands in the line, and folded. */
  readonly target: string;
  readonly folded: string;
  readonly text: string;
}

interface Sending {
  readonly letter: Letter;
  readonly answer: Deferred<void>;
  readonly at: number;
  readonly left: string[];
  writtenAt: number;
  /** Lines that were written and may yet be refused. */
  refusable: number;
  /** The core counts it as sent: what goes wrong from now on is told by an event. */
  isAccepted: boolean;
  isFailed: boolean;
}

/** Everything that goes out on one connection: throttled, in order for each target, and never lost without a word. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #throttle: Throttle;
  readonly #failures = new WeakMap<Batch, (error: NetworkError) => void>();
  /** With lines that are not written yet. */
  readonly #sending = new Set<Sending>();
  /** Written lately, in the order of their last lines. */
  #recent: Sending[] = [];
  maskBytes = MASK_ALLOWANCE;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(parts.throttle, CAPACITY);
  }

  /** Sends one command before all messages. @throws NetworkError invalid, too-large, too-fast */
  command(command: string, ...params: readonly string[]): void {
    this.#line(encodeLine(command, ...params)).catch(() => undefined);
  }

  /** Sends a line at once, past the queue. */
  urgent(line: string): void {
    this.#parts.transport.writeLine(line);
  }

  /** Sends a line as the user typed it. */
  async raw(text: string): Promise<void> {
    await this.#line(oneLine(text));
  }

  /**
   * Sends a text as PRIVMSG, as many lines as it takes. Resolves when the last is written to the connection, or when
   * it has waited for so long that the core must hear something.
   * @throws NetworkError too-fast when the queue has no room for all of it; unreachable when the connection goes
   */
  async message(letter: Letter, nick: string): Promise<void> {
    const { unfinished } = this.#parts;
    const lines = [...(unfinished.get(letter.key) ?? this.#linesOf(letter, nick))];
    if (lines.length === 0) throw new NetworkError('invalid', 'There is nothing in it to send.');
    this.#checkRoom(lines.length);
    unfinished.delete(letter.key);
    const sending: Sending = {
      letter,
      answer: deferred<void>(),
      at: Date.now(),
      left: [...lines],
      writtenAt: 0,
      refusable: 0,
      isAccepted: false,
      isFailed: false,
    };
    this.#sending.add(sending);
    const write = (line: string): void => this.#write(sending, line);
    this.#throttle.add({ lane: letter.folded, lines, queuedAt: sending.at, write });
    await sending.answer.promise;
  }

  /** A refusal names this target. @returns whether it is about a message, which is then told */
  refused(target: string, error: NetworkError): boolean {
    const oldest = Date.now() - this.#parts.timings.refusalMs;
    const sending = this.#recent.findLast(
      ({ letter, refusable, writtenAt }) =>
        letter.folded === target && refusable > 0 && writtenAt >= oldest,
    );
    if (sending === undefined) return false;
    sending.refusable -= 1;
    this.#fail(sending, error);
    return true;
  }

  /** Called every few seconds. */
  beat(now: number): void {
    const { queueTimeoutMs, refusalMs } = this.#parts.timings;
    for (const sending of this.#sending) if (now - sending.at >= queueTimeoutMs) accept(sending);
    if (this.#recent.length === 0) return;
    this.#recent = this.#recent.filter(({ writtenAt }) => now - writtenAt < refusalMs);
  }

  /** The connection is gone: tells those whose lines had not left, or left after the server's last sign of life. */
  fail(error: NetworkError, heardAt: number): void {
    for (const batch of this.#throttle.clear()) this.#failures.get(batch)?.(error);
    for (const sending of this.#sending) {
      this.#keep(sending.letter.key, sending.left);
      this.#fail(sending, error);
    }
    const text = 'The connection was lost just then: the message may not have arrived.';
    const unheard = new NetworkError('unreachable', text);
    for (const sending of this.#recent) {
      if (!this.#sending.has(sending) && sending.writtenAt > heardAt) this.#fail(sending, unheard);
    }
    this.#sending.clear();
    this.#recent = [];
  }

  #write(sending: Sending, line: string): void {
    sending.writtenAt = Date.now();
    sending.refusable += 1;
    sending.left.shift();
    if (this.#recent.at(-1) !== sending) {
      this.#recent = this.#recent.filter((other) => other !== sending);
      this.#recent.push(sending);
    }
    const isLast = sending.left.length === 0;
    this.#parts.transport.writeLine(line, (error) => {
      if (!this.#sending.has(sending)) return;
      if (error !== undefined && error !== null) {
        this.#sending.delete(sending);
        this.#keep(sending.letter.key, [line, ...sending.left]);
        this.#fail(sending, lostError());
      } else if (isLast) {
        this.#sending.delete(sending);
        accept(sending);
      }
    });
  }

  #keep(key: string, left: readonly string[]): void {
    const { unfinished } = this.#parts;
    if (left.length === 0) return;
    const [oldest] = unfinished.keys();
    if (unfinished.size >= UNFINISHED_COUNT && oldest !== undefined) unfinished.delete(oldest);
    unfinished.set(key, [...left]);
  }

  #fail(sending: Sending, error: NetworkError): void {
    if (sending.isFailed) return;
    sending.isFailed = true;
    const { to, key } = sending.letter;
    if (sending.isAccepted) this.#parts.emit({ kind: 'failed', to, key, error });
    else sending.answer.reject(error);
  }

  /** "/me" makes an action of the first line. */
  #linesOf({ target, text }: Letter, nick: string): string[] {
    const head = `PRIVMSG ${target} :`;
    const frame = Buffer.byteLength(head) + Buffer.byteLength(nick) + this.maskBytes;
    const isAction = text.startsWith('/me ');
    const [, first = '', rest = ''] = isAction
      ? (/^([^\r\n]*)(.*)$/s.exec(text.slice(4)) ?? [])
      : [];
    const actions = splitText(first, LINE_BYTES - frame - formatCtcp('ACTION', ' ').length);
    const plain = splitText(isAction ? rest : text, LINE_BYTES - frame);
    return [...actions.map((piece) => formatCtcp('ACTION', piece)), ...plain].map(
      (piece) => head + piece,
    );
  }

  #checkRoom(lines: number): void {
    if (this.#throttle.hasRoomFor(lines)) return;
    throw new NetworkError('too-fast', 'You are sending faster than the IRC server allows.', {
      retryAfterMs: Math.max(1_000, this.#throttle.delayMs),
    });
  }

  #line(line: string): Promise<void> {
    this.#checkRoom(1);
    const answer = deferred<void>();
    const batch: Batch = {
      lane: '',
      lines: [line],
      queuedAt: Date.now(),
      write: (text) =>
        this.#parts.transport.writeLine(text, (error) => {
          if (error === undefined || error === null) answer.resolve();
          else answer.reject(lostError());
        }),
    };
    this.#failures.set(batch, answer.reject);
    this.#throttle.add(batch);
    return answer.promise;
  }
}

const lostError = (): NetworkError =>
  new NetworkError('unreachable', 'The connection to the IRC server was lost.');

function accept(sending: Sending): void {
  if (sending.isAccepted || sending.isFailed) return;
  sending.isAccepted = true;
  sending.answer.resolve();
}
