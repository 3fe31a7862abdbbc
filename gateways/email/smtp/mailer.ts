import type {
  DKIMOptions,
  PluginFunction,
  SendMailOptions,
  SMTPPoolOptions,
  SMTPPoolSentMessageInfo,
  Transporter,
} from 'nodemailer';
import { NetworkError } from '../../../src/plugin/index.ts';
import { reach } from '../connect-options.ts';
import type { Credentials } from '../credentials.ts';
import type { Server, Timings } from '../options.ts';
import type { Texts } from '../texts.ts';
import { Keeping } from '../writing/compose.ts';
import type { Written } from '../writing/compose.ts';
import { refusals, sendError } from './outcome.ts';

/** RFC 5321 §3.3, RFC 3461 */
export interface Envelope {
  /** Empty for mail that nobody answers for. */
  readonly from: string;
  readonly to: readonly string[];
  /** Asks for a report of the delivery under this id. */
  readonly receipt?: string;
}

export interface Taken {
  readonly refused: readonly { readonly address: string; readonly error: NetworkError }[];
  /** Microsoft gives mails another Message-ID; without brackets. */
  readonly serverMessageId?: string;
}

export interface MailerParts {
  readonly server: Server;
  readonly credentials: Credentials;
  readonly timings: Timings;
  readonly connections: number;
  /** What we call ourselves in EHLO. */
  readonly name?: string;
  /** With what all mails are signed. */
  dkim?(): Promise<DKIMOptions>;
}

const SEND_MS = 55_000;

/** Hands mails to one server, over a few connections that are kept for a while. */
export class Mailer {
  readonly #parts: MailerParts;
  #pool: Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions> | undefined;
  #token: string | undefined;
  #opening: Promise<Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>> | undefined;

  constructor(parts: MailerParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the server has taken the mail for at least one recipient.
   * @throws NetworkError `uncertain` when it may or may not have
   */
  async send(
    envelope: Envelope,
    write: () => Promise<Written>,
    { texts, signal }: { readonly texts: Texts; readonly signal: AbortSignal },
  ): Promise<Taken & { readonly written: Written }> {
    for (let attempt = 1; ; attempt += 1) {
      const written = await write();
      try {
        const info = await this.#handOver(envelope, written, { texts, signal });
        const given = info.serverMessageId?.replace(/^<|>$/g, '');
        return {
          refused: refusals(info.rejectedErrors ?? [], texts),
          written,
          ...(given === undefined ? {} : { serverMessageId: given }),
        };
      } catch (error) {
        const isStale = !written.isBegun && isLost(error) && attempt === 1 && !signal.aborted;
        await written.kept?.discard();
        // A kept connection that the server has closed meanwhile: once more on a new one.
        if (!isStale) throw sendError(error, { isWhole: written.isWhole, texts });
      } finally {
        written.end();
      }
    }
  }

  close(): void {
    this.#pool?.close({ force: true });
    this.#pool = undefined;
  }

  async #handOver(
    envelope: Envelope,
    written: Written,
    { texts, signal }: { readonly texts: Texts; readonly signal: AbortSignal },
  ): Promise<SMTPPoolSentMessageInfo> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SEND_MS)]);
    if (limit.aborted) throw new NetworkError('unreachable', texts.smtpUnreachable);
    const pool = await this.#open(texts, limit);
    const mail: WrittenMail = {
      ...written.content,
      envelope: {
        from: envelope.from === '' ? false : envelope.from,
        to: [...envelope.to],
      },
      written,
      signal: limit,
      ...(envelope.receipt === undefined
        ? {}
        : { dsn: { id: envelope.receipt, return: 'headers', notify: ['success', 'failure'] } }),
    };
    return pool.sendMail(mail);
  }

  async #open(
    texts: Texts,
    signal: AbortSignal,
  ): Promise<Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>> {
    const { credentials } = this.#parts;
    const token = credentials.kind === 'token' ? await credentials.token(signal) : undefined;
    if (token !== this.#token) this.close();
    this.#token = token;
    if (this.#pool !== undefined) return this.#pool;
    this.#opening ??= this.#create(texts, token).finally(() => (this.#opening = undefined));
    this.#pool = await this.#opening;
    return this.#pool;
  }

  async #create(
    texts: Texts,
    token: string | undefined,
  ): Promise<Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>> {
    const options = await transportOptions(this.#parts, texts, token);
    const { createTransport } = await import('nodemailer');
    const pool = createTransport({
      ...options,
      pool: true,
      maxConnections: this.#parts.connections,
      maxMessages: 100,
      maxRequeues: 0,
      idleTimeout: 20_000,
    });
    return pool.use('stream', watched);
  }
}

interface WrittenMail extends SendMailOptions {
  readonly written: Written;
}

/** Notes how far a mail comes, and puts it away where that is wanted. */
const watched: PluginFunction<SMTPPoolSentMessageInfo> = ({ data, message }, done) => {
  const { written } = data as unknown as WrittenMail;
  const { kept } = written;
  if (kept !== undefined) message.transform(() => new Keeping(kept));
  const read = message.createReadStream.bind(message);
  message.createReadStream = (options) => written.readFrom(read(options));
  done();
};

/** Nothing of the mail can have reached the server. */
const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNECTION' || error.code === 'ESOCKET') &&
  !('responseCode' in error && error.responseCode !== undefined);

/** How nodemailer is to connect and sign in. */
export async function transportOptions(
  parts: MailerParts,
  texts: Texts,
  token: string | undefined,
): Promise<SMTPPoolOptions> {
  const { credentials, name, server, timings } = parts;
  const { host, tls } = await reach(server, texts);
  const dkim = await parts.dkim?.();
  return {
    host,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    tls,
    connectionTimeout: timings.connectTimeoutMs,
    greetingTimeout: timings.connectTimeoutMs,
    socketTimeout: Math.min(timings.socketTimeoutMs, SEND_MS),
    socketCloseTimeout: 500,
    dnsTimeout: timings.connectTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
    ...(typeof tls.servername === 'string' ? { servername: tls.servername } : {}),
    ...(name === undefined ? {} : { name }),
    ...(dkim === undefined ? {} : { dkim }),
    ...(credentials.kind === 'password'
      ? { auth: { user: credentials.user, pass: credentials.password } }
      : {}),
    ...(token !== undefined && credentials.kind === 'token'
      ? { auth: { type: 'OAuth2', user: credentials.user, accessToken: token } }
      : {}),
  };
}
