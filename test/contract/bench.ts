import { NetworkError } from '../../src/plugin/index.ts';
import type {
  Account,
  Address,
  Answers,
  Gateway,
  Outgoing,
  RoomId,
  Session,
} from '../../src/plugin/index.ts';
import { gatewayContext, outgoing } from '../harness/gateway-context.ts';
import { checkEvents } from './events.ts';
import { RecordingHost } from './recording-host.ts';
import type { Rig, Subject } from './subject.ts';

const PATIENCE_MS = 10_000;

/** The two users of a rig as administrators know them. */
export const USERS = { 1: 'alice@example.org', 2: 'bob@example.org' } as const;

/** A session of one user that runs. */
export interface Running {
  readonly session: Session;
  readonly host: RecordingHost;
  /** Ends it, and resolves when its `run` has. */
  end(): Promise<void>;
}

/** One gateway with its network, for one test. */
export class Bench {
  readonly rig: Rig;
  readonly gateway: Gateway;
  /** What the gateway itself writes to the log. */
  readonly lines: readonly string[];
  readonly hosts: RecordingHost[] = [];
  static readonly #started = new Set<Bench>();
  readonly #running = new Set<Running>();
  #messages = 0;

  private constructor(rig: Rig, gateway: Gateway, lines: readonly string[]) {
    this.rig = rig;
    this.gateway = gateway;
    this.lines = lines;
  }

  static async start({ plugin, start }: Pick<Subject, 'plugin' | 'start'>): Promise<Bench> {
    const rig = await start();
    const { log, lines } = new RecordingHost();
    const gateway = plugin.create(plugin.options.parse(rig.options), gatewayContext({ log }));
    await gateway.start?.();
    const bench = new Bench(rig, gateway, lines);
    Bench.#started.add(bench);
    return bench;
  }

  /** Stops what is left: of a test that skips itself, no hook is run. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Bench.#started].map((bench) => bench.stop()));
  }

  /** Whatever a test was about, the events that were told in it are plain values. */
  async stop(): Promise<void> {
    Bench.#started.delete(this);
    await Promise.all([...this.#running].map((running) => running.end()));
    await this.gateway.close?.();
    await this.rig.stop();
    for (const { events } of this.hosts) checkEvents(events, this.gateway.delivery);
  }

  /** Goes through the registration with good answers. */
  async register(user: 1 | 2 = 1): Promise<Account> {
    return registered(this.gateway, this.rig.answers(user), undefined, USERS[user]);
  }

  /** A session that nobody has run yet. */
  open(account: Account | undefined): { readonly session: Session; readonly host: RecordingHost } {
    const host = new RecordingHost();
    this.hosts.push(host);
    return { session: this.gateway.open(account, host), host };
  }

  async run(user: 1 | 2 = 1): Promise<Running> {
    const { session, host } = this.open(await this.register(user));
    const abort = new AbortController();
    const ended = session.run(abort.signal);
    // Looked at when the session is ended.
    ended.catch(() => undefined);
    const running: Running = {
      session,
      host,
      end: async () => {
        this.#running.delete(running);
        abort.abort();
        await within(2_000, ended, 'run() after the signal');
      },
    };
    this.#running.add(running);
    return running;
  }

  address(text: string): Address {
    const address = this.gateway.addresses.parse(text);
    if (address === undefined) throw new Error(`the rig names ${text}, which is no address`);
    return address;
  }

  get peer(): Address {
    return this.address(this.rig.peer);
  }

  get room(): RoomId {
    const address = this.address(this.rig.room ?? '');
    if (address.kind !== 'room') throw new Error(`${this.rig.room} is not the address of a room`);
    return address.id;
  }

  message(text: string): Outgoing {
    this.#messages += 1;
    return outgoing({ key: `key-${this.#messages}`, text });
  }

  /** Resolves when the peer has heard something of which this is true. */
  async untilHeard(isTrue: (texts: readonly string[]) => boolean, what: string): Promise<void> {
    await until(
      () => isTrue(this.rig.heard()),
      () => `the peer never heard ${what}; it heard ${JSON.stringify(this.rig.heard().slice(-5))}`,
    );
  }
}

/** Answers step by step. @throws what the dialogue throws */
export async function registered(
  gateway: Gateway,
  answers: readonly Answers[],
  known?: Account,
  user: string = USERS[1],
): Promise<Account> {
  const dialogue = gateway.signIn(known, AbortSignal.timeout(PATIENCE_MS), 'en', user);
  let next = await dialogue.next();
  for (const answer of answers) {
    if (next.done === true) break;
    next = await dialogue.next(answer);
  }
  if (next.done === true) return next.value;
  throw new Error(`asked for more: ${next.value.problem ?? next.value.instructions}`);
}

/** The same promise, unless it takes too long. */
export async function within<Value>(
  limitMs: number,
  pending: Promise<Value>,
  what: string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the condition holds, which is looked at on every turn of the event loop. */
export async function until(isTrue: () => boolean, complaint: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(complaint());
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What became of a call: nothing bad, or an error that has to be of our kind and in words. */
export async function outcome(
  call: () => unknown,
  what: string,
): Promise<NetworkError | undefined> {
  try {
    await within(60_000, Promise.resolve(call()), what);
    return undefined;
  } catch (error) {
    if (!(error instanceof NetworkError)) {
      throw new Error(`${what} failed with something else than a NetworkError`, { cause: error });
    }
    if (!/\p{L}{2}/u.test(error.message)) {
      throw new Error(`${what} failed without words`, { cause: error });
    }
    return error;
  }
}
