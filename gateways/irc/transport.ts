import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Charset } from './charset.ts';
import type { Wire } from './dial.ts';
import { safeLine } from './encode-line.ts';
import { LineSplitter } from './line-splitter.ts';

/** Who takes what comes in on a connection. */
export interface LineSink {
  line(text: string): void;
  /** Told once, after the last line. */
  closed(error: Error | undefined): void;
  /** A line or what was made of it could not be handled. */
  badLine(why: string, error?: unknown): void;
}

/** Somebody who is to know what became of a line. */
export interface Waiting {
  /** It was given to the connection. */
  written(): void;
  /** The connection was gone. */
  unwritten(): void;
}

const LONGEST_LINE_BYTES = 65_536;
/** More than this unsent means that the server reads no longer. */
const MOST_UNSENT_BYTES = 8_388_608;

const NOBODY: readonly Waiting[] = [];

/**
 * Connections with something gathered. They write as soon as the work at hand is done, not when the turn of the event loop is
 * over: what the core hears of it can then leave in the same turn, and nothing is held for longer than it must be.
 */
let unflushed: Transport[] = [];

function flushAll(): void {
  const all = unflushed;
  unflushed = [];
  for (const transport of all) {
    try {
      transport.flush();
    } catch (error) {
      // What goes wrong for one user keeps nobody else's lines back.
      transport.sink.badLine('not written', error);
    }
  }
}

/** Lines over a socket that is connected. */
export class Transport {
  readonly #socket: Socket;
  readonly #lines: LineSplitter;
  /** May change with the state of the connection. */
  sink: LineSink;
  #holds = 0;
  #out = '';
  /** For what is gathered and not written yet. */
  #waiting: Waiting[] | undefined;
  #isScheduled = false;
  #error: Error | undefined;
  #isOver = false;
  #isTold = false;
  #killer: NodeJS.Timeout | undefined;
  readonly connectedAt = Date.now();
  receivedAt = this.connectedAt;

  constructor({ socket, inlet }: Wire, sink: LineSink, charset?: Charset) {
    this.#socket = socket;
    this.sink = sink;
    this.#lines = new LineSplitter(
      LONGEST_LINE_BYTES,
      () => this.sink.badLine('too long'),
      charset,
    );
    socket.setNoDelay(true);
    inlet.lead((bytes) => this.#read(bytes));
    socket.resume();
    socket.on('error', (error) => (this.#error = error));
    socket.on('close', () => this.#close());
    if (socket.destroyed) setImmediate(() => this.#close());
  }

  /** Where the connection goes. */
  get port(): { readonly port: number; readonly isTls: boolean } {
    return { port: this.#socket.remotePort ?? 0, isTls: this.#socket instanceof TLSSocket };
  }

  /** Whether the system has taken all that was written before. */
  get isClear(): boolean {
    return this.#socket.writableLength === 0;
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Gathers what is written on one occasion, by a piece of the Jabber stream for instance, into one write. */
  writeLine(line: string, waiting?: Waiting): void {
    this.#out += `${safeLine(line)}\r\n`;
    if (waiting !== undefined) (this.#waiting ??= []).push(waiting);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (unflushed.length === 0) process.nextTick(flushAll);
    unflushed.push(this);
  }

  /** Writes lines with nothing in between. */
  writeLines(lines: readonly string[], waiting: Waiting): void {
    lines.forEach((line, index) =>
      this.writeLine(line, index === lines.length - 1 ? waiting : undefined),
    );
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
    this.flush();
    if (isForced) this.#socket.destroy();
    else if (!this.#isOver) {
      this.#socket.end();
      this.#socket.resume();
      this.#killer ??= setTimeout(() => this.#socket.destroy(), graceMs);
    }
  }

  #read(bytes: Buffer): void {
    this.receivedAt = Date.now();
    this.#lines.feed(bytes);
    this.#drain();
    this.#lines.keep();
  }

  #close(): void {
    clearTimeout(this.#killer);
    this.#isOver = true;
    this.#drain();
  }

  /** Gives to the socket what was gathered. */
  flush(): void {
    this.#isScheduled = false;
    const text = this.#out;
    if (text === '') return;
    const waiting = this.#waiting ?? NOBODY;
    this.#out = '';
    this.#waiting = undefined;
    if (this.#socket.destroyed || this.#socket.writableEnded) {
      for (const one of waiting) one.unwritten();
      return;
    }
    this.#socket.write(text, (error) => {
      for (const one of waiting) {
        if (error === undefined || error === null) one.written();
        else one.unwritten();
      }
    });
    if (this.#socket.writableLength > MOST_UNSENT_BYTES) this.#socket.destroy();
  }

  #drain(): void {
    while (this.#holds === 0) {
      const line = this.#lines.next();
      if (line === undefined) break;
      this.#deliver(line);
    }
    if (this.#holds > 0) return;
    if (!this.#isOver) this.#socket.resume();
    else if (!this.#isTold) {
      this.#isTold = true;
      this.sink.closed(this.#error);
    }
  }

  /** What is done wrong with a line must end neither the connection nor the process. */
  #deliver(line: string): void {
    try {
      this.sink.line(line);
    } catch (error) {
      this.sink.badLine('not understood', error);
    }
  }
}
