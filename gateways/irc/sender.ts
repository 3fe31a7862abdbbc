import { NetworkError } from '../../src/plugin/index.ts';
import type { Event, MessageId, Sent, Language } from '../../src/plugin/index.ts';
import { MASK_ALLOWANCE } from './compose.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import { encodeLine, oneLine } from './encode-line.ts';
import { Letter, NO_IDS } from './letter.ts';
import type { Contents, LetterDesk } from './letter.ts';
import type { ThrottleOptions } from './options.ts';
import { Throttle } from './throttle.ts';
import type { Queued } from './throttle.ts';
import { RecentMessages } from './recent-messages.ts';
import type { Refusable } from './recent-messages.ts';
import type { Timings } from './timings.ts';
import type { Transport, Waiting } from './transport.ts';
import { troubleTexts } from './trouble-texts.ts';
import type { TroubleTexts } from './trouble-texts.ts';

const CAPACITY = 1_000;
const UNFINISHED_COUNT = 100;

/** Lines left of messages that broke off, by key: the next try goes on there. */
export type Unfinished = Map<string, readonly string[]>;

export interface SenderParts {
  readonly transport: Transport;
  readonly throttle: ThrottleOptions;
  readonly timings: Timings;
  readonly unfinished: Unfinished;
  readonly owner: {
    /** Whether the server says back what we say, under the label that we gave it. */
    readonly hasEcho: boolean;
    /** The one to speak to the user in errors. */
    readonly language: Language;
    emit(event: Event): void;
  };
}

/** Everything that goes out on one connection: throttled, in order for each target, and never lost without a word. */
export class Sender {
  readonly #parts: SenderParts;
  readonly #throttle: Throttle;
  /** With lines that are not written yet, or not confirmed: the core waits for an answer. */
  #open: Set<Letter> | undefined;
  /** Absent while nothing was sent. */
  #recent: RecentMessages | undefined;
  /** Told of a message that counted as sent. */
  readonly #lostByKey = (key: string): void => {
    const message = this.#recent?.take(key);
    const error = new NetworkError('unreachable', this.#troubles.lost);
    if (message !== undefined) this.#fail(message, error);
  };
  /** Lines that the server will say back. */
  #labelled: Map<string, Letter> | undefined;
  #lastLabel = 0;
  readonly #desk: LetterDesk = {
    write: (letter, line) => this.#write(letter, line),
    took: (letter) => {
      if (letter.left === 0 && !this.#parts.owner.hasEcho) this.#close(letter);
    },
    lost: (letter) => this.#lost(letter, new NetworkError('unreachable', this.#troubles.lost)),
  };
  maskBytes = MASK_ALLOWANCE;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(parts.throttle, CAPACITY);
  }

  get #isIdle(): boolean {
    return this.#open === undefined || this.#open.size === 0;
  }

  get #lately(): RecentMessages {
    return (this.#recent ??= new RecentMessages());
  }

  get #troubles(): TroubleTexts {
    return troubleTexts(this.#parts.owner.language);
  }

  /** Sends one command before all messages. @throws NetworkError invalid, too-large, too-fast */
  command(command: string, ...params: readonly string[]): void {
    void this.#line(encodeLine(this.#parts.owner.language, command, ...params));
  }

  /** The same; resolves when it has had its turn and was written. @throws as `command` */
  written(command: string, ...params: readonly string[]): Promise<void> {
    return this.#line(encodeLine(this.#parts.owner.language, command, ...params));
  }

  /** Sends a line that was made elsewhere before all messages. @throws NetworkError too-fast */
  line(text: string): void {
    void this.#line(text);
  }

  /** Sends a line if it may go at once: nobody misses it. @returns whether it went */
  aside(line: string): boolean {
    const mayPass = this.#throttle.mayPass();
    if (mayPass) this.#parts.transport.writeLine(line);
    return mayPass;
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
   * Sends the lines of a message. Resolves when the last is written to the connection, and where the server says
   * it back, when it has; or when it has waited for so long that the core must hear something. A single line that nothing
   * is in the way of counts as written at once.
   * @throws NetworkError too-fast when the queue has no room for all of it; unreachable when the connection goes
   */
  message(parts: Contents): Promise<Sent> | Sent {
    const { unfinished, owner, transport } = this.#parts;
    const left = unfinished.get(parts.key);
    const { length } = left ?? parts.lines;
    if (length === 0) throw new NetworkError('invalid', this.#troubles.nothingToSend);
    this.#checkRoom(length);
    unfinished.delete(parts.key);
    const lines = left ?? parts.lines;
    const isWhole = parts.isMultiline === true && left === undefined;
    const isFree = this.#isIdle && transport.isClear && !owner.hasEcho && !isWhole;
    const mayPass = length === 1 && this.#throttle.mayPass();
    if (mayPass && isFree) {
      this.#lately.add(parts, Date.now());
      transport.writeLine(lines[0] ?? '', new Passing(parts.key, this.#lostByKey));
      return NO_IDS;
    }
    const letter = new Letter(
      left === undefined ? parts : { ...parts, lines, isMultiline: false },
      this.#desk,
    );
    (this.#open ??= new Set()).add(letter);
    if (mayPass) letter.writeNext();
    else this.#throttle.add(letter);
    return letter.answer();
  }

  /** The server says a line back, or refuses it by its label. @returns whether it was one of ours */
  labelled(label: string, result: MessageId | NetworkError | undefined): boolean {
    const letter = this.#labelled?.get(label);
    if (letter === undefined) return false;
    this.#labelled?.delete(label);
    letter.refusable -= 1;
    if (result instanceof NetworkError) {
      this.#fail({ to: letter.to, key: letter.key, letter }, result);
    } else if (result !== undefined) letter.named(result);
    if (letter.left === 0 && letter.refusable === 0) this.#close(letter);
    return true;
  }

  /** A refusal names this target, or none. @returns whether it is about a message, which is then told */
  refused(target: string | undefined, error: NetworkError): boolean {
    const oldest = Date.now() - this.#parts.timings.refusalMs;
    const message = this.#recent?.refused(target, oldest);
    if (message === undefined) return false;
    this.#fail(message, error);
    return true;
  }

  /** Called every few seconds. */
  beat(now: number): void {
    const { queueTimeoutMs, echoTimeoutMs, refusalMs } = this.#parts.timings;
    for (const letter of this.#open ?? []) {
      const isLate = letter.left > 0 ? now - letter.at >= queueTimeoutMs : false;
      if (isLate) letter.accept();
      else if (letter.left === 0 && now - letter.writtenAt >= echoTimeoutMs) this.#close(letter);
    }
    this.#recent?.dropBefore(now - refusalMs);
    if (this.#recent?.isEmpty !== true || !this.#isIdle) return;
    this.#recent = undefined;
    this.#open = undefined;
    this.#labelled = undefined;
  }

  /** The connection is gone: tells those whose lines had not left, or left after the server's last sign of life. */
  fail(error: NetworkError, heardAt: number): void {
    for (const queued of this.#throttle.clear()) if (queued instanceof Line) queued.fail(error);
    const unheard = new NetworkError('unreachable', this.#troubles.maybeLost);
    for (const letter of this.#open ?? []) this.#lost(letter, letter.left > 0 ? error : unheard);
    for (const message of this.#recent?.writtenSince(heardAt) ?? []) this.#fail(message, unheard);
    this.#open = undefined;
    this.#recent = undefined;
    this.#labelled = undefined;
  }

  #write(letter: Letter, line: string): void {
    this.#lately.add(letter, letter.writtenAt, letter.isBrief ? undefined : letter);
    const { transport, owner } = this.#parts;
    const text = owner.hasEcho ? this.#label(letter, line) : line;
    if (letter.isMultiline) transport.writeLines(text.split('\n'), letter);
    else transport.writeLine(text, letter);
  }

  /** IRCv3 labeled-response */
  #label(letter: Letter, line: string): string {
    this.#lastLabel += 1;
    const label = this.#lastLabel.toString(36);
    this.#labelled ??= new Map();
    this.#labelled.set(label, letter);
    const tag = `@label=${label}`;
    return line.startsWith('@') ? `${tag};${line.slice(1)}` : `${tag} ${line}`;
  }

  #close(letter: Letter): void {
    this.#open?.delete(letter);
    letter.accept();
  }

  #lost(letter: Letter, error: NetworkError): void {
    this.#keep(letter.key, letter.untaken);
    this.#recent?.take(letter.key);
    this.#fail({ to: letter.to, key: letter.key, letter }, error);
  }

  #keep(key: string, left: readonly string[]): void {
    const { unfinished } = this.#parts;
    if (left.length === 0) return;
    const [oldest] = unfinished.keys();
    if (unfinished.size >= UNFINISHED_COUNT && oldest !== undefined) unfinished.delete(oldest);
    unfinished.set(key, left);
  }

  #fail({ to, key, letter }: Refusable, error: NetworkError): void {
    const isNews = letter === undefined || letter.fail(error);
    if (isNews) this.#parts.owner.emit({ kind: 'failed', to, key, error });
  }

  #checkRoom(lines: number): void {
    if (this.#throttle.hasRoomFor(lines)) return;
    throw new NetworkError('too-fast', this.#troubles.tooFast, {
      retryAfterMs: Math.max(1_000, this.#throttle.delayMs),
    });
  }

  #line(text: string): Promise<void> {
    this.#checkRoom(1);
    const line = new Line(text, this.#parts);
    if (this.#throttle.mayPass()) line.writeNext();
    else this.#throttle.add(line);
    return line.answer.promise;
  }
}

/** A line that counts as sent, though the connection has yet to take it: all that is to be known of it is its key. */
class Passing implements Waiting {
  readonly #key: string;
  readonly #lost: (key: string) => void;

  constructor(key: string, lost: (key: string) => void) {
    this.#key = key;
    this.#lost = lost;
  }

  written(): void {
    // Nobody waits for that.
  }

  unwritten(): void {
    this.#lost(this.#key);
  }
}

/** A command. */
class Line implements Queued, Waiting {
  readonly lane = '';
  readonly answer: Deferred<void> = deferred<void>();
  readonly #text: string;
  readonly #transport: Transport;
  readonly #owner: SenderParts['owner'];
  left = 1;

  constructor(text: string, { transport, owner }: Pick<SenderParts, 'transport' | 'owner'>) {
    this.#text = text;
    this.#transport = transport;
    this.#owner = owner;
  }

  writeNext(): void {
    this.left = 0;
    this.#transport.writeLine(this.#text, this);
  }

  written(): void {
    this.answer.resolve();
  }

  unwritten(): void {
    this.fail(new NetworkError('unreachable', troubleTexts(this.#owner.language).lost));
  }

  fail(error: NetworkError): void {
    this.answer.reject(error);
  }
}
