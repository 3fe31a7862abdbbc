import { NetworkError } from '../../src/plugin/index.ts';
import type { Address } from '../../src/plugin/index.ts';
import { formatCtcp } from './ctcp.ts';
import { encodeLine, oneLine } from './encode-line.ts';
import type { ThrottleOptions } from './options.ts';
import { splitText } from './split-text.ts';
import { Throttle } from './throttle.ts';
import type { Batch } from './throttle.ts';
import type { SocketTransport } from './transport.ts';

const CAPACITY = 1_000;
const LINE_BYTES = 510;
/** For what the server puts before our lines, while our own mask is not known: user 10, host 63, and signs. */
const MASK_ALLOWANCE = 76;
const RECENT_COUNT = 100;

interface Recent {
  readonly target: string;
  readonly key: string;
  readonly to: Address;
  readonly at: number;
}

/** Everything that goes out on one connection: throttled, in order for each target, and never lost without a word. */
export class Sender {
  readonly #transport: SocketTransport;
  readonly #throttle: Throttle;
  readonly #failures = new WeakMap<Batch, (error: NetworkError) => void>();
  #recent: Recent[] = [];
  maskBytes = MASK_ALLOWANCE;

  constructor(transport: SocketTransport, throttle: ThrottleOptions) {
    this.#transport = transport;
    this.#throttle = new Throttle(throttle, CAPACITY);
  }

  /** Sends one command before all messages. @throws NetworkError invalid, too-large */
  command(command: string, ...params: readonly string[]): void {
    this.#add('', [encodeLine(command, ...params)]).catch(() => undefined);
  }

  /** Sends a line at once, past the queue. */
  urgent(line: string): void {
    this.#transport.writeLine(line);
  }

  /** Sends a line as the user typed it. */
  raw(text: string): Promise<void> {
    return this.#add('', [oneLine(text)]);
  }

  /**
   * Sends a text as PRIVMSG, as many lines as it takes. Resolves when the last is written to the connection.
   * @throws NetworkError too-fast when the queue has no room for all of it; unreachable when the connection goes
   */
  async message(target: string, nick: string, text: string): Promise<void> {
    const head = `PRIVMSG ${target} :`;
    const isAction = text.startsWith('/me ');
    const wrap = isAction ? Buffer.byteLength(formatCtcp('ACTION', 'x')) - 1 : 0;
    const room =
      LINE_BYTES - Buffer.byteLength(head) - Buffer.byteLength(nick) - this.maskBytes - wrap;
    const pieces = splitText(isAction ? text.slice(4) : text, room);
    if (pieces.length === 0) return;
    const lines = pieces.map((piece) => head + (isAction ? formatCtcp('ACTION', piece) : piece));
    if (!this.#throttle.hasRoomFor(lines.length)) {
      throw new NetworkError('too-fast', 'You are sending faster than the IRC server allows.', {
        retryAfterMs: this.#throttle.delayMs,
      });
    }
    await this.#add(target, lines);
  }

  /** Remembers a message, for a refusal that may come. */
  remember(recent: Omit<Recent, 'at'>): void {
    this.#recent.push({ ...recent, at: Date.now() });
    if (this.#recent.length > RECENT_COUNT) this.#recent.shift();
  }

  /** The latest message to this target that a refusal can be about. */
  refused(target: string, withinMs: number): Recent | undefined {
    const oldest = Date.now() - withinMs;
    const index = this.#recent.findLastIndex((sent) => sent.target === target && sent.at >= oldest);
    return index < 0 ? undefined : this.#recent.splice(index, 1)[0];
  }

  /** The connection is gone: tells those whose lines had not left. */
  fail(error: NetworkError): void {
    for (const batch of this.#throttle.clear()) this.#failures.get(batch)?.(error);
  }

  #add(lane: string, lines: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const lost = (): NetworkError =>
        new NetworkError('unreachable', 'The connection to the IRC server was lost.');
      const batch: Batch = {
        lane,
        lines,
        queuedAt: Date.now(),
        write: (line, isLast) =>
          this.#transport.writeLine(line, (error) => {
            if (error !== undefined && error !== null) reject(lost());
            else if (isLast) resolve();
          }),
      };
      this.#failures.set(batch, reject);
      this.#throttle.add(batch);
    });
  }
}
