import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';

const REGISTRATION_TIMEOUT_MS = 5000;
const CLOSE_TIMEOUT_MS = 1000;

export interface IrcClientOptions {
  readonly port: number;
  readonly nick: string;
  readonly host?: string;
  /** The CA to believe, and the name to check if it is not the host. */
  readonly tls?: { readonly ca: string; readonly servername?: string };
  readonly user?: string;
  readonly realName?: string;
  readonly password?: string;
  /** Asked for with CAP REQ before the registration ends. */
  readonly capabilities?: readonly string[];
  /** latin1 keeps each byte a character, for what is not UTF-8. */
  readonly encoding?: 'utf8' | 'latin1';
  /** false: connects and says nothing, the test writes every line. */
  readonly register?: boolean;
}

export type LineMatcher = RegExp | ((line: string) => boolean);

export interface IrcClient {
  readonly nick: string;
  send(line: string | Buffer): void;
  /** Resolves after the list of names. @throws with the refusal of the server. */
  join(channel: string, key?: string): Promise<void>;
  say(target: string, text: string): void;
  /** The first line not claimed so far that matches, from the past or the future; only it is claimed. */
  expect(matcher: LineMatcher, timeoutMs?: number): Promise<string>;
  /** Resolves when the server has answered everything sent so far. */
  barrier(): Promise<void>;
  /** Lines that no expectation has claimed. PING and its answer never show up. */
  readonly unclaimed: readonly string[];
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /** Says QUIT and resolves when the connection is gone. */
  close(): Promise<void>;
}

interface Waiter {
  readonly matcher: LineMatcher;
  readonly settle: (line: string | undefined) => void;
}

/** A scripted IRC client that shares nothing with the gateway; resolves when the server has welcomed it. */
export async function connectIrc(options: IrcClientOptions): Promise<IrcClient> {
  const socket = await openSocket(options);
  const client = new ScriptedClient(socket, options);
  if (options.register === false) return client;
  try {
    await client.register(options);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return client;
}

async function openSocket({ port, host = '127.0.0.1', tls }: IrcClientOptions): Promise<Socket> {
  if (tls !== undefined) {
    const socket = connectTls({ port, host, ...tls });
    await once(socket, 'secureConnect');
    return socket;
  }
  const socket = connectTcp({ port, host });
  await once(socket, 'connect');
  return socket;
}

class ScriptedClient implements IrcClient {
  readonly nick: string;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #encoding: 'utf8' | 'latin1';
  readonly #unclaimed: string[] = [];
  readonly #waiters = new Set<Waiter>();
  #received = Buffer.alloc(0);
  #isClosed = false;
  #barriers = 0;

  constructor(socket: Socket, { nick, encoding = 'utf8' }: IrcClientOptions) {
    this.nick = nick;
    this.#socket = socket;
    this.#encoding = encoding;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#receive(data));
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        for (const { settle } of this.#waiters) settle(undefined);
        resolve();
      });
    });
  }

  get unclaimed(): readonly string[] {
    return this.#unclaimed;
  }

  async register(options: IrcClientOptions): Promise<void> {
    const { nick, user = nick, realName = nick, password, capabilities } = options;
    if (password !== undefined) this.send(`PASS :${password}`);
    if (capabilities !== undefined) this.send(`CAP REQ :${capabilities.join(' ')}`);
    this.send(`NICK ${nick}`);
    this.send(`USER ${user} 0 * :${realName}`);
    if (capabilities !== undefined) this.send('CAP END');
    const first = await this.expect(/^(@\S+ )?(:\S+ (001|4\d\d) |ERROR )/, REGISTRATION_TIMEOUT_MS);
    if (!/ 001 /.test(first)) throw new Error(`the server refused ${nick}: ${first}`);
    await this.expect(/ (376|422) /, REGISTRATION_TIMEOUT_MS);
    await this.barrier();
    this.#unclaimed.length = 0;
  }

  send(line: string | Buffer): void {
    const bytes = typeof line === 'string' ? Buffer.from(line, this.#encoding) : line;
    this.#socket.write(Buffer.concat([bytes, Buffer.from('\r\n')]));
  }

  async join(channel: string, key = ''): Promise<void> {
    const isAnswer = (line: string): boolean => {
      const [, , name] = /^(?:@\S+ )?:\S+ (366|40[35]|47\d) \S+ (\S+) /.exec(line) ?? [];
      return name?.toLowerCase() === channel.toLowerCase();
    };
    // What an earlier command was answered says nothing about this one.
    const kept = this.#unclaimed.filter((line) => !isAnswer(line));
    this.#unclaimed.splice(0, Infinity, ...kept);
    this.send(`JOIN ${channel} ${key}`.trimEnd());
    const answer = await this.expect(isAnswer);
    if (!/^(@\S+ )?:\S+ 366 /.test(answer)) throw new Error(`cannot join ${channel}: ${answer}`);
  }

  say(target: string, text: string): void {
    this.send(`PRIVMSG ${target} :${text}`);
  }

  async expect(matcher: LineMatcher, timeoutMs = 5000): Promise<string> {
    const index = this.#unclaimed.findIndex((line) => matches(matcher, line));
    const [known] = index === -1 ? [] : this.#unclaimed.splice(index, 1);
    if (known !== undefined) return known;
    if (this.#isClosed) throw this.#failure(matcher, 'the connection is closed');
    return new Promise((resolve, reject) => {
      const settle = (line: string | undefined): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        if (line !== undefined) resolve(line);
        else reject(this.#failure(matcher, 'the connection closed'));
      };
      const waiter = { matcher, settle };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(this.#failure(matcher, `nothing came within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  async barrier(): Promise<void> {
    this.#barriers += 1;
    const token = `barrier-${this.#barriers}`;
    this.send(`PING :${token}`);
    await this.expect((line) => / PONG /.test(line) && line.endsWith(token));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.send('QUIT :bye');
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS);
    await this.closed;
    clearTimeout(timer);
  }

  #receive(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (let end = this.#received.indexOf('\n'); end !== -1; end = this.#received.indexOf('\n')) {
      const line = this.#received.subarray(0, end).toString(this.#encoding).replace(/\r$/, '');
      this.#received = this.#received.subarray(end + 1);
      this.#take(line);
    }
  }

  #take(line: string): void {
    const ping = /^(?:@\S+ )?(?::\S+ )?PING (.*)$/.exec(line);
    if (ping !== null) {
      this.send(`PONG ${ping[1]}`);
      return;
    }
    for (const { matcher, settle } of this.#waiters) {
      if (!matches(matcher, line)) continue;
      settle(line);
      return;
    }
    this.#unclaimed.push(line);
  }

  #failure(matcher: LineMatcher, why: string): Error {
    const lines = this.#unclaimed.map((line) => `  ${inspect(line)}`).join('\n');
    const wanted = matcher instanceof RegExp ? String(matcher) : 'a line that the function accepts';
    const received = lines === '' ? 'nothing unclaimed was received' : `unclaimed lines:\n${lines}`;
    return new Error(`${this.nick} expected ${wanted}: ${why}; ${received}`);
  }
}

function matches(matcher: LineMatcher, line: string): boolean {
  return matcher instanceof RegExp ? line.search(matcher) !== -1 : matcher(line);
}
