import { gateway } from '../../../gateways/email/index.ts';
import type { EmailSession } from '../../../gateways/email/session.ts';
import { contactId } from '../../../src/plugin/index.ts';
import type {
  Account,
  Address,
  Answers,
  Gateway,
  MessageEvent,
  Outgoing,
} from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { startMailServer } from '../../harness/mail-server.ts';
import type { MailServer, MailServerOptions } from '../../harness/mail-server.ts';

export const ALICE = 'alice@mail.test';
export const BOB = 'bob@mail.test';

export const contact = (address: string): Address => ({ kind: 'contact', id: contactId(address) });

/** A gateway between a stand-in mail server and a core that remembers what it is told. */
export class MailWorld {
  readonly server: MailServer;
  readonly gateway: Gateway;
  readonly #ends: (() => Promise<void>)[] = [];
  #messages = 0;

  private constructor(server: MailServer, made: Gateway) {
    this.server = server;
    this.gateway = made;
  }

  static async start(
    options: object = {},
    server: Partial<MailServerOptions> = {},
  ): Promise<MailWorld> {
    const accounts = { [ALICE]: 'secret-a', [BOB]: 'secret-b' };
    const made = await startMailServer({ accounts, ...server });
    const decoded = gateway.options.parse({
      providers: [
        {
          domain: 'mail.test',
          imap: { host: '127.0.0.1', port: made.imapPort, security: 'none' },
          smtp: { host: '127.0.0.1', port: made.smtpPort, security: 'none' },
        },
      ],
      timings: { reconnectMinMs: 20, reconnectMaxMs: 50, pollMs: 100, digestMs: 50 },
      ...options,
    });
    return new MailWorld(made, gateway.create(decoded, gatewayContext()));
  }

  async register(answers: Answers = { email: ALICE, password: 'secret-a' }): Promise<Account> {
    const dialogue = this.gateway.signIn(undefined, AbortSignal.timeout(10_000), 'en', 'a@b');
    await dialogue.next();
    const next = await dialogue.next(answers);
    if (next.done === true) return next.value;
    throw new Error(next.value.problem ?? 'there is one more step');
  }

  /** A session that runs until the end of the test, or until `end` is called. */
  async open(
    account?: Account,
    host = new RecordingHost(),
  ): Promise<{ session: EmailSession; host: RecordingHost; end: () => Promise<void> }> {
    const session = this.gateway.open(account ?? (await this.register()), host) as EmailSession;
    const abort = new AbortController();
    const ended = session.run(abort.signal);
    ended.catch(() => undefined);
    const end = async (): Promise<void> => {
      abort.abort();
      await ended.catch(() => undefined);
    };
    this.#ends.push(end);
    return { session, host, end };
  }

  message(text: string, more: Partial<Outgoing> = {}): Outgoing {
    this.#messages += 1;
    const key = `key-${this.#messages}`;
    return { key, text, at: new Date(), asksReceipt: false, attempt: 1, ...more };
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) await end();
    await this.gateway.close?.();
    await this.server.stop();
  }
}

export const mail = (fields: Readonly<Record<string, string>>, text: string): string =>
  `${Object.entries({ From: 'Bob <bob@mail.test>', To: ALICE, ...fields })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${text}\r\n`;

/** Resolves with the message that has this text. */
export async function heard(host: RecordingHost, text: string): Promise<MessageEvent> {
  const find = (): MessageEvent | undefined =>
    host.events.find(
      (event): event is MessageEvent => event.kind === 'message' && event.text.includes(text),
    );
  await host.until(() => find() !== undefined, `the message ${text}`);
  const found = find();
  if (found === undefined) throw new Error('unreachable');
  return found;
}
