import { readFile } from 'node:fs/promises';
import { BlockList, isIPv6 } from 'node:net';
import type {
  SMTPServer,
  SMTPServerAddress,
  SMTPServerDataResult,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';
import type { Logger } from 'pino';
import { hostAndPort } from '../host-and-port.ts';
import type { OwnDomainOptions } from '../options.ts';

/** A refusal in the words of SMTP (RFC 5321 §4.2, RFC 3463). */
export class SmtpRefusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, text: string) {
    super(text);
    this.responseCode = responseCode;
  }
}

/** A mail as a server handed it in. */
export interface HandedIn {
  readonly raw: Buffer;
  /** Empty for reports. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly remoteAddress: string;
  readonly helo: string;
}

export interface MailServerParts {
  readonly options: OwnDomainOptions;
  readonly maxBytes: number;
  readonly log: Logger;
  /** @throws SmtpRefusal when nobody has this address */
  mayReceive(recipient: string): Promise<void>;
  /**
   * Resolves when the core has stored it for each recipient, in their order; with a refusal for those where it could not.
   */
  receive(mail: HandedIn): Promise<readonly (SmtpRefusal | undefined)[]>;
}

const READ_MS = 300_000;
/** What one client may have of all connections that there can be: a few that say nothing must not keep all others out. */
const SHARE = 1 / 4;

/** The gateway's own mail server (RFC 5321), or what a mail server in front delivers to (RFC 2033). */
export class MailServer {
  readonly #parts: MailServerParts;
  #server: SMTPServer | undefined;

  constructor(parts: MailServerParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { options, log } = this.#parts;
    const { SMTPServer: Server } = await import('smtp-server');
    const server = new Server(await this.#serverOptions());
    // A client that breaks off is no trouble of ours.
    server.on('error', (error) => log.debug({ err: error }, 'mail connection failed'));
    const { host, port } = hostAndPort(options.listen);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
    log.info({ listen: options.listen, protocol: options.protocol }, 'taking mail');
  }

  /** Where it listens, once it does. */
  get port(): number | undefined {
    const address = this.#server?.server.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #serverOptions(): Promise<SMTPServerOptions> {
    const { options, maxBytes } = this.#parts;
    const { tls } = options;
    const certificate =
      tls === undefined
        ? {}
        : { cert: await readFile(tls.cert, 'utf8'), key: await readFile(tls.key, 'utf8') };
    return {
      ...certificate,
      name: options.domain,
      banner: 'Causeway',
      lmtp: options.protocol === 'lmtp',
      disabledCommands: tls === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
      authOptional: true,
      size: maxBytes,
      maxClients: options.maxClients,
      maxRecipients: options.maxRecipients,
      maxAllowedUnauthenticatedCommands: 1_000,
      maxCommandLength: 4_096,
      socketTimeout: 60_000,
      closeTimeout: 500,
      disableReverseLookup: true,
      // Its own would stand before ours, and say of each refusal that nobody has the address.
      hideENHANCEDSTATUSCODES: true,
      logger: false,
      onConnect: ({ remoteAddress }, done) => done(this.#tooMany(remoteAddress)),
      onRcptTo: (address, session, done) => void this.#onRecipient(address, session, done),
      onData: (stream, session, done) => void this.#onData(stream, session, done),
    };
  }

  /** A mail server in front of us is the only client. */
  #tooMany(address: string): SmtpRefusal | undefined {
    const { maxClients, protocol } = this.#parts.options;
    if (protocol === 'lmtp') return undefined;
    const isNear = neighbourhoodOf(address);
    let count = 0;
    for (const { remoteAddress } of this.#server?.connections ?? []) {
      if (isNear(remoteAddress)) count += 1;
    }
    if (count <= Math.ceil(maxClients * SHARE)) return undefined;
    return new SmtpRefusal(421, 'Too many connections from your address, please try again');
  }

  async #onRecipient(
    { address }: SMTPServerAddress,
    session: SMTPServerSession,
    done: (error?: Error | null) => void,
  ): Promise<void> {
    try {
      if (session.envelope.rcptTo.length >= this.#parts.options.maxRecipients) {
        throw new SmtpRefusal(452, '4.5.3 Too many recipients');
      }
      await this.#parts.mayReceive(address);
      done();
    } catch (error) {
      done(this.#refusal(error));
    }
  }

  async #onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error | null, results?: string | SMTPServerDataResult[]) => void,
  ): Promise<void> {
    try {
      const raw = await readAll(stream, this.#parts.maxBytes);
      const { mailFrom, rcptTo } = session.envelope;
      const results = await this.#parts.receive({
        raw,
        sender: mailFrom === false ? '' : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address),
        remoteAddress: session.remoteAddress,
        helo: session.hostNameAppearsAs,
      });
      if (this.#parts.options.protocol === 'lmtp') {
        done(
          null,
          results.map((refusal) => refusal ?? '2.0.0 Taken'),
        );
        return;
      }
      // SMTP has one answer for all: whoever has it already is not told it again when it is repeated.
      const refusal =
        results.find((one) => one !== undefined && one.responseCode < 500) ??
        (results.every((one) => one !== undefined) ? results[0] : undefined);
      done(refusal ?? null, '2.0.0 Taken');
    } catch (error) {
      stream.resume();
      done(this.#refusal(error));
    }
  }

  #refusal(error: unknown): SmtpRefusal {
    if (error instanceof SmtpRefusal) return error;
    this.#parts.log.warn({ err: error }, 'cannot take a mail now');
    return new SmtpRefusal(451, '4.3.0 Not now, please try again');
  }
}

/** Whether an address is of the same client: in IPv6, each has a whole /64. */
function neighbourhoodOf(address: string): (other: string) => boolean {
  if (!isIPv6(address)) return (other) => other === address;
  const network = new BlockList();
  network.addSubnet(address, 64, 'ipv6');
  return (other) => isIPv6(other) && network.check(other, 'ipv6');
}

async function readAll(stream: SMTPServerDataStream, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => stream.destroy(new Error('the mail took too long')), READ_MS);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  if (size > maxBytes || stream.sizeExceeded) {
    throw new SmtpRefusal(552, '5.3.4 The mail is too large');
  }
  return Buffer.concat(chunks);
}
