import type { Socket } from 'node:net';
import { LINE_BYTES, withoutTags } from './irc-text.ts';

const RECEIVE_LIMIT_BYTES = 16 * 1024;
const FLOOD_WINDOW_MS = 1000;

export interface IrcConnectionEvents {
  line(line: string): void;
  /** The server should say goodbye for this reason, or the peer has gone. */
  lost(reason: string): void;
}

export interface SaslExchange {
  mechanism: string;
  payload: string;
}

/** One client of the server: its socket and what the server knows of it. Text is one character per byte. */
export class IrcConnection {
  readonly host = '127.0.0.1';
  readonly signedOnAtMs = Date.now();
  readonly capabilities = new Set<string>();
  readonly userModes = new Set<string>();
  nick: string | undefined;
  user: string | undefined;
  realName = '';
  password: string | undefined;
  account: string | undefined;
  away: string | undefined;
  sasl: SaslExchange | undefined;
  isNegotiating = false;
  isRegistered = false;
  isSecure = false;
  lastMessageAtMs = Date.now();
  readonly #socket: Socket;
  readonly #events: IrcConnectionEvents;
  readonly #burstLimit: number;
  #received = '';
  #arrivals: number[] = [];
  #isEnded = false;

  constructor(socket: Socket, burstLimit: number, events: IrcConnectionEvents) {
    this.#socket = socket;
    this.#burstLimit = burstLimit;
    this.#events = events;
    // Many small lines: waiting for the peer's acknowledgement would cost 40 ms each time.
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#receive(data.toString('latin1')));
    socket.on('error', (error) => events.lost(`Read error: ${error.message}`));
    socket.on('close', () => events.lost('Connection closed'));
  }

  get prefix(): string {
    return `${this.nick ?? '*'}!${this.user ?? '*'}@${this.host}`;
  }

  /** Cuts at 512 bytes like real servers do, then adds tags the client has asked for. */
  send(line: string): void {
    const time = this.capabilities.has('server-time') ? `@time=${new Date().toISOString()} ` : '';
    this.write(`${time}${line.slice(0, LINE_BYTES - 2)}\r\n`);
  }

  write(bytes: string): void {
    if (!this.#isEnded) this.#socket.write(bytes, 'latin1');
  }

  /** Says a last line. What still arrives is read and ignored: a reset could cost the peer that line. */
  end(lastLine: string): void {
    if (this.#isEnded) return;
    this.send(lastLine);
    this.#isEnded = true;
    this.#socket.end();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#isEnded = true;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    if (this.#isEnded) return;
    const lines = (this.#received + text).split(/[\r\n]/);
    this.#received = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') continue;
      if (this.#isFlooding()) this.#events.lost('Excess Flood');
      if (this.#isEnded) return;
      this.#events.line(withoutTags(line.replaceAll('\0', '')).slice(0, LINE_BYTES - 2));
    }
    if (this.#received.length > RECEIVE_LIMIT_BYTES) this.#events.lost('RecvQ exceeded');
  }

  #isFlooding(): boolean {
    if (this.#burstLimit === Infinity) return false;
    const now = performance.now();
    this.#arrivals = this.#arrivals.filter((at) => now - at < FLOOD_WINDOW_MS);
    this.#arrivals.push(now);
    return this.#arrivals.length > this.#burstLimit;
  }
}
