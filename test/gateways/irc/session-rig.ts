import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { IrcSession } from '../../../gateways/irc/session.ts';
import { createSurroundings } from '../../../gateways/irc/surroundings.ts';
import { fixedTimings } from '../../../gateways/irc/timings.ts';
import type { Timings } from '../../../gateways/irc/timings.ts';
import { NetworkError, roomId } from '../../../src/plugin/index.ts';
import type {
  Account,
  ContactId,
  Event,
  Memory,
  NetworkErrorKind,
  RoomId,
} from '../../../src/plugin/index.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { LineServer } from './line-server.ts';

export interface RigOptions {
  /** With them, the server speaks TLS. */
  readonly certificates?: Certificates;
  readonly timings?: Partial<Timings>;
  readonly server?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly account?: Account;
  readonly memory?: Memory;
  readonly user?: string;
  readonly staysConnected?: boolean;
  /** Contacts that the user is subscribed to; may change while the session runs. */
  readonly watched?: Iterable<ContactId>;
  readonly language?: string;
  /** What the core answers to an event. */
  readonly onEvent?: (event: Event) => Promise<void> | undefined;
}

export interface Rig {
  readonly server: LineServer;
  readonly session: IrcSession;
  readonly events: Events;
  readonly room: RoomId;
  readonly memory: Memory;
  /** Ends the session as the core does. */
  readonly stop: () => Promise<void>;
}

/** A session whose only known server, "test", is a raw listener. */
export async function startRig(context: TestContext, rig: RigOptions = {}): Promise<Rig> {
  const server = await LineServer.start(0, rig.certificates);
  const options = ircOptions.parse({
    servers: { test: { host: '127.0.0.1', port: server.port, tls: false, ...rig.server } },
    ...rig.options,
  });
  const timings: Timings = {
    ...options.timings,
    ...fixedTimings,
    reconnectMinMs: 10,
    ...rig.timings,
  };
  const events = new Events();
  const memory = rig.memory ?? new MapMemory();
  const session = new IrcSession(
    rig.account,
    {
      log: pino({ level: 'silent' }),
      language: rig.language ?? 'en',
      memory,
      user: rig.user ?? 'alice@example.org',
      staysConnected: rig.staysConnected ?? false,
      ...(rig.watched === undefined ? {} : { watched: rig.watched }),
      emit: (event) => {
        events.add(event);
        return rig.onEvent?.(event);
      },
    },
    createSurroundings(options, timings),
  );
  const controller = new AbortController();
  const over = session.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await over;
  };
  context.after(async () => {
    await stop();
    await server.stop();
  });
  return { server, session, events, room: roomId('#room%test'), memory, stop };
}

export class MapMemory implements Memory {
  readonly #values = new Map<string, string>();

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }
}

type Kind = Event['kind'];
type EventOf<K extends Kind> = Extract<Event, { readonly kind: K }>;

/** What the session has told. */
export class Events {
  readonly #events: Event[] = [];
  #wake: (() => void) | undefined;

  add(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }

  get kinds(): readonly Kind[] {
    return this.#events.map(({ kind }) => kind);
  }

  /** The next event of that kind; those before it are passed over. */
  async next<K extends Kind>(
    kind: K,
    matches: (event: EventOf<K>) => boolean = () => true,
  ): Promise<EventOf<K>> {
    for (;;) {
      const at = this.#events.findIndex((event) => isKind(event, kind) && matches(event));
      const found = at < 0 ? undefined : this.#events.splice(0, at + 1).at(-1);
      if (found !== undefined && isKind(found, kind)) return found;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`waited in vain for ${kind}, got ${this.kinds.join(' ')}`)),
          5_000,
        );
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function isKind<K extends Kind>(event: Event, kind: K): event is EventOf<K> {
  return event.kind === kind;
}

/** Holds a promise to a refusal of that kind. */
export async function refused(work: unknown, kind: NetworkErrorKind): Promise<void> {
  await assert.rejects(Promise.resolve(work), (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.doesNotMatch(error.message, /undefined|\[object/);
    return true;
  });
}
