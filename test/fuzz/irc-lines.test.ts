import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { gateway as irc } from '../../gateways/irc/index.ts';
import { contactId, NetworkError, networkId, roomId } from '../../src/plugin/index.ts';
import type { Event, Session } from '../../src/plugin/index.ts';
import { heapAfterCollection, isGrowing } from './heap.ts';
import { someLine } from './irc-shapes.ts';
import type { Random } from './random.ts';
import { rounds } from './rounds.ts';

const BURSTS_PER_ROUND = 25;
const LINES_PER_BURST = 20;
const ANSWER_MS = 10_000;
const CAPABILITIES =
  'server-time message-tags batch echo-message account-tag multi-prefix extended-join away-notify chghost setname account-notify invite-notify cap-notify sasl';
/** What XML 1.0 does not allow in a text. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What no user gets to see as it stands. */
const OPAQUE = new Set(['identity', 'replaces']);

/** A server that lets everybody in, and says anything at all. */
class FuzzServer {
  readonly #server: Server;
  #socket: Socket | undefined;
  #nick = 'alice';
  #answered: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#welcome(socket));
  }

  static async start(): Promise<FuzzServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FuzzServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  burst(random: Random): void {
    const lines = Array.from({ length: LINES_PER_BURST }, () => someLine(random, this.#nick));
    const bytes = Buffer.concat(lines);
    const cut = random.below(bytes.length + 1);
    this.#socket?.write(bytes.subarray(0, cut));
    this.#socket?.write(bytes.subarray(cut));
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  /** The session has read all that was said, or has hung up over it. */
  async heard(): Promise<void> {
    const answered = new Promise<void>((resolve) => (this.#answered = resolve));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ANSWER_MS, 'late')));
    this.#ask();
    const answer = await Promise.race([answered, late]);
    clearTimeout(timer);
    if (answer === 'late') throw new Error('the session answers no more');
  }

  /** The connection is lost. */
  hangUp(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  stop(): void {
    this.#socket?.destroy();
    this.#server.close();
  }

  #ask(): void {
    this.#socket?.write('\r\nPING :fuzz\r\n');
  }

  #welcome(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#answered?.();
    });
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      const answers = lines.flatMap((line) => this.#answersTo(line));
      if (answers.length > 0) socket.write(answers.map((line) => `${line}\r\n`).join(''));
    });
  }

  #answersTo(line: string): string[] {
    const [command = '', argument = ''] = line.replace(/^@\S* /, '').split(' ');
    const first = argument.replace(/^:/, '');
    const nick = this.#nick;
    switch (command) {
      case 'CAP':
        if (first === 'LS') return [`:irc.test CAP * LS :${CAPABILITIES}`];
        if (first !== 'REQ') return [];
        return [`:irc.test CAP * ACK :${line.slice('CAP REQ '.length).replace(/^:/, '')}`];
      case 'AUTHENTICATE':
        return [first === 'PLAIN' ? 'AUTHENTICATE +' : `:irc.test 904 ${nick} :No`];
      case 'NICK':
        this.#nick = first;
        return [];
      case 'USER':
        return [
          `:irc.test 001 ${nick} :Welcome`,
          `:irc.test 005 ${nick} CASEMAPPING=ascii PREFIX=(ov)@+ CHANMODES=b,k,l,imnpst :are supported`,
          `:irc.test 422 ${nick} :No message of the day`,
          'PING :fuzz',
        ];
      case 'JOIN':
        return [
          `:${nick}!u@host.test JOIN ${first}`,
          `:irc.test 353 ${nick} = ${first} :@romeo ${nick}`,
          `:irc.test 366 ${nick} ${first} :End`,
        ];
      case 'PING':
        return [`:irc.test PONG irc.test ${first}`];
      case 'PONG':
        if (/fuzz/.test(first)) this.#answered?.();
        return [];
      default:
        return [];
    }
  }
}

/** A session of the gateway for that server, and what is wrong with what it tells. */
class Rig {
  fault: string | undefined;
  readonly session: Session;
  readonly #abort = new AbortController();
  readonly #over: Promise<void>;

  constructor(server: FuzzServer) {
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        this.fault ??= `logged: ${chunk.toString().slice(0, 3_000)}`;
        callback();
      },
    });
    const log = pino({ level: 'error' }, sink);
    const options = irc.options.parse({
      servers: { test: { host: '127.0.0.1', port: server.port, tls: false } },
      throttle: { burst: 100_000, perSecond: 100_000 },
      timings: { reconnectMinMs: 1, reconnectMaxMs: 20, registrationTimeoutMs: 2_000 },
    });
    const memory = {
      get: () => Promise.resolve(undefined),
      set: () => Promise.resolve(),
      delete: () => Promise.resolve(),
    };
    const surroundings = {
      log,
      domain: 'irc.localhost',
      publicUrl: undefined,
      memory,
      find: () => Promise.resolve(undefined),
    };
    this.session = irc.create(options, surroundings).open(
      { nick: 'alice' },
      {
        log,
        language: 'en',
        memory,
        user: 'alice@example.org',
        emit: (event) => {
          this.#check(event);
          return undefined;
        },
      },
    );
    this.#over = this.session.run(this.#abort.signal);
  }

  /** The user does something meanwhile; all that may become of it is a NetworkError. */
  deed(random: Random): void {
    const room = roomId(random.pick(['#room%test', '#other%test']));
    const romeo = contactId('romeo%test');
    const to = random.chance(0.5)
      ? ({ kind: 'room', id: room } as const)
      : ({ kind: 'contact', id: romeo } as const);
    const { session } = this;
    const key = String(random.next());
    const deeds: readonly (() => unknown)[] = [
      () => session.join?.(room, { nick: 'alice' }),
      () => session.join?.(room, { nick: 'alice' }),
      () =>
        session.send(to, {
          key,
          at: new Date(),
          asksReceipt: false,
          attempt: 1,
          text: random.pick(['hello', 'a\nb', '/me x', 'x'.repeat(2_000)]),
        }),
      () => session.leave?.(room),
      () => session.rename?.(room, random.pick(['alice', 'alicia', '[x]'])),
      () => session.setSubject?.(room, 'Roses'),
      () => session.rooms?.(networkId('test'), {}),
      () => session.lookup?.(romeo),
      () => session.moderate?.(room, { kind: 'kick', nick: 'romeo' }),
      () => session.exclusions?.(room),
      () => session.invite?.(room, romeo),
    ];
    void Promise.resolve(random.pick(deeds)()).catch((error: unknown) => {
      if (error instanceof NetworkError) return;
      const stack = error instanceof Error ? error.stack : String(error);
      this.fault ??= `threw: ${stack ?? ''}`;
    });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#over;
  }

  #check(value: Event | object): void {
    for (const [name, part] of Object.entries(value)) {
      const isOpaque = OPAQUE.has(name) || (name === 'id' && 'kind' in value && !isAddress(value));
      if (typeof part === 'string' && !isOpaque && FORBIDDEN.test(part)) {
        this.fault ??= `not fit for XML: ${JSON.stringify(value)}`;
      } else if (typeof part === 'object' && part !== null && !(part instanceof Date)) {
        if (part instanceof Error) this.#check({ message: part.message });
        else this.#check(part);
      } else if (part instanceof Date && Number.isNaN(part.getTime())) {
        this.fault ??= `no time: ${JSON.stringify(value)}`;
      }
    }
  }
}

/** The ids of these are shown; those of messages are not. */
function isAddress(value: object): boolean {
  return Object.keys(value).length === 2 && 'id' in value;
}

/** A join that meets the old connection as it goes down may fail; the session then has it from the new one. */
async function comesIn(join: () => Promise<unknown> | undefined): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await join();
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test('lines of any bytes from a server: the session lives, tells nothing that XML cannot hold, and does not grow', async () => {
  const server = await FuzzServer.start();
  const rig = new Rig(server);
  const join = (): Promise<unknown> | undefined =>
    rig.session.join?.(roomId('#room%test'), { nick: 'alice' });
  const heaps: number[] = [];
  try {
    await join();
    await rounds(8, async (random, index) => {
      for (let count = 0; count < BURSTS_PER_ROUND; count++) {
        if (random.chance(0.3)) rig.deed(random);
        if (!server.isConnected) await comesIn(join);
        server.burst(random);
        await server.heard();
      }
      if (rig.fault !== undefined) throw new Error(rig.fault);
      // Whatever was said, on a new connection all is well.
      server.hangUp();
      await comesIn(join);
      if (index % 20 === 19) heaps.push(heapAfterCollection());
    });
    assert.ok(!isGrowing(heaps), `the heap grows, in MiB: ${heaps.join(' ')}`);
  } finally {
    await rig.stop();
    server.stop();
  }
});
