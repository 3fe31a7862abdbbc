import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { safeLine } from './encode-line.ts';
import { LineSplitter } from './line-splitter.ts';

export interface TransportOptions {
  readonly socket: Socket;
  /** A line or what was made of it could not be handled. */
  readonly onBadLine: (why: string, error?: unknown) => void;
}

type Written = (error?: Error | null) => void;

const longestLineBytes = 65_536;
/** More than this unsent means that the server reads no longer. */
const mostUnsentBytes = 1_048_576;

/** What irc-framework calls a transport, over a socket that is already connected. */
export class SocketTransport extends EventEmitter {
  readonly #socket: Socket;
  readonly #options: TransportOptions;
  readonly #lines: LineSplitter;
  #holds = 0;
  #out = '';
  #written: Written[] = [];
  #isFlushing = false;
  #error: Error | undefined;
  #isOver = false;
  #killer: NodeJS.Timeout | undefined;
  receivedAt = Date.now();

  constructor(options: TransportOptions) {
    super();
    this.#options = options;
    this.#socket = options.socket;
    this.#lines = new LineSplitter(longestLineBytes, () => options.onBadLine('too long'));
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  connect(): void {
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => {
      this.receivedAt = Date.now();
      this.#lines.feed(chunk);
      this.#drain();
    });
    this.#socket.on('error', (error) => (this.#error = error));
    this.#socket.on('close', () => {
      clearTimeout(this.#killer);
      this.#isOver = true;
      this.#drain();
    });
    this.emit('open');
    if (this.#socket.destroyed) this.#socket.emit('close');
  }

  /** Gathers what is written in one turn of the event loop into one write. */
  writeLine(line: string, written?: Written): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) {
      written?.(new Error('closed'));
      return;
    }
    this.#out += `${safeLine(line)}\r\n`;
    if (written !== undefined) this.#written.push(written);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => this.#flush());
  }

  /** Reads no more until the answer was called as often as this. */
  hold(): () => void {
    this.#holds += 1;
    this.#socket.pause();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      this.#drain();
    };
  }

  /** Sends what is left and hangs up; with `isForced` at once. */
  close(isForced: boolean, graceMs = 1_000): void {
    this.#flush();
    if (isForced) this.#socket.destroy();
    else if (!this.#isOver) {
      this.#socket.end();
      this.#socket.resume();
      this.#killer ??= setTimeout(() => this.#socket.destroy(), graceMs);
    }
  }

  disposeSocket(): void {
    this.#socket.destroy();
  }

  setEncoding(): boolean {
    return true;
  }

  #flush(): void {
    this.#isFlushing = false;
    const text = this.#out;
    const written = this.#written;
    this.#out = '';
    this.#written = [];
    if (text === '') return;
    this.#socket.write(text, (error) => {
      for (const tell of written) tell(error);
    });
    if (this.#socket.writableLength > mostUnsentBytes) this.#socket.destroy();
  }

  #drain(): void {
    while (this.#holds === 0) {
      const line = this.#lines.next();
      if (line === undefined) break;
      this.#deliver(line);
    }
    if (this.#holds > 0) return;
    if (!this.#isOver) this.#socket.resume();
    else if (this.listenerCount('close') > 0) this.emit('close', this.#error);
  }

  /** What a line does wrong in irc-framework or behind it must end neither the connection nor the process. */
  #deliver(line: string): void {
    try {
      this.emit('line', line);
    } catch (error) {
      this.#options.onBadLine('not understood', error);
    }
  }
}
