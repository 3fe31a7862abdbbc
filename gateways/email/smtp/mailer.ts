import { Readable } from 'node:stream';
import type {
  PluginFunction,
  SendMailOptions,
  SMTPPoolOptions,
  SMTPPoolSentMessageInfo,
  Transporter,
} from 'nodemailer';
import { NetworkError } from '../../../src/plugin/index.ts';
import type { Texts } from '../texts.ts';
import { Keeping } from '../writing/compose.ts';
import type { Written } from '../writing/compose.ts';
import { refusals, sendError } from './outcome.ts';
import type { Refusal } from './outcome.ts';
import { offersUtf8 } from './offers-utf8.ts';
import type { Progress } from './transfers.ts';
import { transportOptions } from './transport.ts';
import type { MailerParts } from './transport.ts';

/** RFC 5321 §3.3, RFC 3461 */
export interface Envelope {
  /** Empty for mail that nobody answers for. */
  readonly from: string;
  readonly to: readonly string[];
  /** Asks for a report of the delivery under this id. */
  readonly receipt?: string;
}

export interface Taken {
  readonly refused: readonly Refusal[];
  /** Microsoft gives mails another Message-ID; without brackets. */
  readonly serverMessageId?: string;
}

/** So long a server is not asked again for what it does not offer. */
const ASK_AGAIN_MS = 3_600_000;
/** No mail takes longer, however slowly it goes. */
const WHOLE_MS = 1_200_000;

interface HandingOver {
  readonly texts: Texts;
  readonly signal: AbortSignal;
  readonly progress?: Progress;
  /** Who of several is refused, maybe nobody: kept before the server is given the mail for the others. */
  readonly refused?: (refused: readonly Refusal[]) => Promise<void>;
}

type Pool = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;

/** Hands mails to one server, over a few connections that are kept for a while. */
export class Mailer {
  readonly #parts: MailerParts;
  /** Open, or being opened, with this token. */
  #pool: Promise<Pool> | undefined;
  #token: string | undefined;
  readonly #underWay = new Set<Written>();
  #utf8: { readonly isTaken: boolean; readonly askedAt: number } | undefined;

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
    how: HandingOver,
  ): Promise<Taken & { readonly written: Written }> {
    const { progress, signal, texts } = how;
    await this.#mustTake([envelope.from, ...envelope.to], how);
    for (let attempt = 1; ; attempt += 1) {
      const written = await write();
      if (progress !== undefined) progress.written = written;
      this.#underWay.add(written);
      try {
        const info = await this.#handOver(envelope, written, how);
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
        if (isStale) continue;
        if (signal.aborted) this.#startAnew();
        throw sendError(error, { isWhole: written.isWhole, texts });
      } finally {
        this.#underWay.delete(written);
        written.end();
      }
    }
  }

  /** RFC 6531: a server has to say that it takes letters beyond ASCII before an address with them is written to it. */
  async #mustTake(addresses: readonly string[], { signal, texts }: HandingOver): Promise<void> {
    const foreign = addresses.filter((address) => /[^\0-\x7f]/.test(address));
    if (foreign.length === 0) return;
    const now = Date.now();
    if (this.#utf8?.isTaken !== true && (this.#utf8?.askedAt ?? 0) <= now - ASK_AGAIN_MS) {
      this.#utf8 = { isTaken: await offersUtf8(this.#parts, texts, signal), askedAt: now };
    }
    if (this.#utf8?.isTaken !== true) {
      throw new NetworkError('unsupported', texts.onlyAscii([...new Set(foreign)].join(', ')));
    }
  }

  close(): void {
    this.#pool?.then((pool) => pool.close({ force: true })).catch(() => undefined);
    this.#pool = undefined;
  }

  /** What is under way goes on. */
  #retire(): void {
    this.#pool?.then((pool) => pool.close()).catch(() => undefined);
    this.#pool = undefined;
  }

  /** A server that does not even begin may be gone, and its connections with it; not those that it has mails of. */
  #startAnew(): void {
    if (![...this.#underWay].some(({ isBegun }) => isBegun)) this.close();
  }

  async #handOver(
    envelope: Envelope,
    written: Written,
    { refused, signal, texts }: HandingOver,
  ): Promise<SMTPPoolSentMessageInfo> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_MS)]);
    if (limit.aborted) throw new NetworkError('unreachable', texts.smtpUnreachable);
    const pool = await this.#open(texts, limit);
    const mail: WrittenMail = {
      ...written.content,
      envelope: {
        from: envelope.from === '' ? false : envelope.from,
        to: [...envelope.to],
      },
      ...(envelope.to.length > 1 && refused !== undefined
        ? { begins: async (rejected) => refused(refusals(rejected, texts)) }
        : {}),
      written,
      signal: limit,
      ...(envelope.receipt === undefined
        ? {}
        : { dsn: { id: envelope.receipt, return: 'headers', notify: ['success', 'failure'] } }),
    };
    return pool.sendMail(mail);
  }

  async #open(texts: Texts, signal: AbortSignal): Promise<Pool> {
    const { credentials } = this.#parts;
    const token = credentials.kind === 'token' ? await credentials.token(signal) : undefined;
    if (token !== this.#token) this.#retire();
    this.#token = token;
    const pool = (this.#pool ??= this.#create(texts, token));
    try {
      return await pool;
    } catch (error) {
      if (this.#pool === pool) this.#pool = undefined;
      throw error;
    }
  }

  async #create(texts: Texts, token: string | undefined): Promise<Pool> {
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
  /** The server waits for the mail. @param rejected are errors about recipients whom it refuses */
  readonly begins?: (rejected: readonly unknown[]) => Promise<void>;
}

/** Notes how far a mail comes, and puts it away where that is wanted. */
const watched: PluginFunction<SMTPPoolSentMessageInfo> = ({ data, message }, done) => {
  const { begins, written } = data as unknown as WrittenMail;
  const { kept } = written;
  if (kept !== undefined) message.transform(() => new Keeping(kept));
  const read = message.createReadStream.bind(message);
  if (begins === undefined) {
    message.createReadStream = (options) => written.readFrom(read(options));
    return done();
  }
  // nodemailer notes in the envelope itself what the server says of recipients.
  const envelopeOf = message.getEnvelope.bind(message);
  let envelope: object = {};
  message.getEnvelope = () => {
    const given = envelopeOf();
    envelope = given;
    return given;
  };
  message.createReadStream = (options) => {
    const begun = (): Promise<void> =>
      begins('rejectedErrors' in envelope ? (envelope.rejectedErrors as unknown[]) : []);
    const bytes = Readable.from(afterwards(begun, read(options)), { objectMode: false });
    return written.readFrom(bytes);
  };
  return done();
};

/** The bytes, when something was done that has to be done before. */
async function* afterwards(
  before: () => Promise<void>,
  bytes: Readable,
): AsyncGenerator<Uint8Array> {
  await before();
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) yield chunk;
}

/** Nothing of the mail can have reached the server. */
const isLost = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ECONNECTION' || error.code === 'ESOCKET') &&
  !('responseCode' in error && error.responseCode !== undefined);
