import { pino } from 'pino';
import { gateway as plugin } from '../../../gateways/sms/index.ts';
import type {
  Account,
  Address,
  Event,
  Gateway,
  GatewayContext,
  Host,
  Memory,
  Outgoing,
  Session,
} from '../../../src/plugin/index.ts';
import { memoryOf, RecordingHost } from '../../contract/recording-host.ts';

export const PUBLIC_URL = 'https://gw.example.org';
export const DOMAIN = 'sms.example.org';
export const ALICE = 'alice@example.org';
export const BOB = 'bob@example.org';
export const ALICES_NUMBER = '+15005550006';
export const PHONE = '+15005550010';

/** A user who has registered, and whose session runs. */
export interface Person {
  readonly account: Account;
  readonly host: RecordingHost;
  readonly session: Session;
  send(to: string, text: string, more?: Partial<Outgoing>): Promise<void>;
  events<Kind extends Event['kind']>(kind: Kind): Extract<Event, { kind: Kind }>[];
}

/** The gateway with the core around it that it needs: users, memories that can outlive it, a way in for webhooks. */
export class SmsRig {
  readonly gateway: Gateway;
  readonly memory: Memory;
  readonly lines: string[] = [];
  readonly #users = new Map<
    string,
    { readonly host: RecordingHost; readonly keys: readonly string[] }
  >();
  readonly #ended = new AbortController();
  readonly #runs: Promise<void>[] = [];
  #serial = 0;

  /** @param values is what the gateway kept before */
  constructor(
    options: unknown,
    values = new Map<string, string>(),
    publicUrl: string | undefined = PUBLIC_URL,
  ) {
    this.memory = memoryOf(values);
    const context: GatewayContext = {
      log: pino({ level: 'trace' }, { write: (line: string) => void this.lines.push(line) }),
      domain: DOMAIN,
      publicUrl,
      memory: this.memory,
      find: (key) => Promise.resolve(this.#find(key)),
    };
    this.gateway = plugin.create(plugin.options.parse(options), context);
  }

  async start(): Promise<this> {
    await this.gateway.start?.();
    return this;
  }

  async person(user: string, answers: Readonly<Record<string, string>> = {}): Promise<Person> {
    const dialogue = this.gateway.signIn(undefined, AbortSignal.timeout(5_000), 'en', user);
    await dialogue.next();
    const { done, value } = await dialogue.next(answers);
    if (done !== true) throw new Error(value.problem ?? value.instructions);
    return this.registered(user, value);
  }

  registered(user: string, account: Account, host = new RecordingHost()): Person {
    this.#users.set(user, { host, keys: this.gateway.keys?.(account) ?? [] });
    const session = this.gateway.open(account, host);
    this.#runs.push(session.run(this.#ended.signal));
    return {
      account,
      host,
      session,
      send: async (to, text, more = {}) => {
        await session.send(this.address(to), this.outgoing(text, more));
      },
      events: (kind) =>
        host.events.filter(
          (event): event is Extract<Event, { kind: typeof kind }> => event.kind === kind,
        ),
    };
  }

  address(text: string): Address {
    const address = this.gateway.addresses.parse(text);
    if (address === undefined) throw new Error(`${text} is no address`);
    return address;
  }

  outgoing(text: string, more: Partial<Outgoing> = {}): Outgoing {
    this.#serial += 1;
    return {
      key: `key-${this.#serial}`,
      text,
      at: new Date(),
      asksReceipt: true,
      attempt: 1,
      ...more,
    };
  }

  /** A request from outside, as the web server passes it on. */
  readonly web = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(url, init);
    const prefix = `/hooks/${DOMAIN}/`;
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith(prefix)) throw new Error(`${url} is not for this gateway`);
    const answer = await this.gateway.web?.(request, pathname.slice(prefix.length));
    return answer ?? new Response('', { status: 404 });
  };

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#runs);
    await this.gateway.close?.();
  }

  #find(key: string): Host | undefined {
    for (const { host, keys } of this.#users.values()) if (keys.includes(key)) return host;
    return undefined;
  }
}
