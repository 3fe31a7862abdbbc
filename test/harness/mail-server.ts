import { SMTPServer } from 'smtp-server';
import { ImapConnection } from './imap-connection.ts';
import type { ImapBehaviours, ImapUser } from './imap-connection.ts';
import { ImapFolder } from './imap-folder.ts';
import { LoopbackListener } from './loopback-listener.ts';

export interface MailServerOptions {
  /** Passwords by address. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Whether recipients without a mailbox here are taken, too; by default only those that begin with "nobody" are not. */
  readonly isStrict?: boolean;
  /** Mailboxes have no folder for what was sent until somebody makes one. */
  readonly hasNoSent?: boolean;
  /** It takes addresses of ASCII alone (RFC 6531). */
  readonly isAsciiOnly?: boolean;
}

/** A mail as it was handed in. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** Manners of the SMTP side that a test may change at any time. */
export interface SmtpBehaviours {
  /** Answers nothing to those who come. */
  silent?: boolean;
  /** Cuts the connection when it has all of the mail, before it says so. */
  cutsAfterData?: boolean;
  /** What it waits for when it has all of the mail, before it says so. */
  thinks?: Promise<void>;
  /** "550 5.1.1 …" for a recipient, or `undefined` to take it. */
  recipient?: (address: string) => string | undefined;
  /** The same for the whole mail, once it is there. */
  data?: (raw: string) => string | undefined;
}

/** A stand-in mail server on 127.0.0.1: SMTP in, IMAP out, one folder for what was sent. */
export interface MailServer {
  readonly smtpPort: number;
  readonly imapPort: number;
  readonly smtp: SmtpBehaviours;
  readonly imap: ImapBehaviours;
  /** All that was handed in, in order. */
  readonly taken: readonly TakenMail[];
  /** What IMAP clients have said. */
  readonly imapLines: readonly string[];
  folder(address: string, name?: string): ImapFolder;
  /** Puts a mail into an inbox. */
  deliver(address: string, raw: string | Buffer): void;
  /** Ends all IMAP connections, and takes no new ones until they are taken again. */
  closeImap(): Promise<void>;
  openImap(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const users = new Map<string, ImapUser>();
  for (const [address, password] of Object.entries(options.accounts)) {
    const folders = new Map([['INBOX', new ImapFolder()]]);
    if (options.hasNoSent !== true) folders.set('Sent', new ImapFolder());
    users.set(address, { password, folders });
  }
  const imap: ImapBehaviours = {};
  const smtp: SmtpBehaviours = {};
  const taken: TakenMail[] = [];
  const imapLines: string[] = [];
  const imapListener = new LoopbackListener(
    0,
    (socket) => void new ImapConnection(socket, { users, behaviours: imap, lines: imapLines }),
  );
  await imapListener.open();
  const folder = (address: string, name = 'INBOX'): ImapFolder => {
    const found = users.get(address)?.folders.get(name);
    if (found === undefined) throw new Error(`there is no mailbox ${address}`);
    return found;
  };
  const server = smtpServer(options, { smtp, users, taken, folder });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.server.address();
  return {
    smtpPort: typeof address === 'object' && address !== null ? address.port : 0,
    imapPort: imapListener.port,
    smtp,
    imap,
    taken,
    imapLines,
    folder,
    deliver: (to, raw) => void folder(to).append(Buffer.from(raw)),
    closeImap: () => imapListener.close(),
    openImap: () => imapListener.open(),
    stop: async () => {
      await imapListener.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export const replyError = (reply: string): Error =>
  Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });

function smtpServer(
  options: MailServerOptions,
  parts: {
    readonly smtp: SmtpBehaviours;
    readonly users: ReadonlyMap<string, ImapUser>;
    readonly taken: TakenMail[];
    readonly folder: (address: string) => ImapFolder;
  },
): SMTPServer {
  const { folder, smtp, taken, users } = parts;
  const server: SMTPServer = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    hideDSN: false,
    hideSMTPUTF8: options.isAsciiOnly === true,
    closeTimeout: 100,
    logger: false,
    onConnect: (_session, done) => {
      if (smtp.silent !== true) done();
    },
    onAuth: ({ password, username }, _session, done) => {
      if (users.get(username ?? '')?.password === password) return done(null, { user: username });
      return done(replyError('535 5.7.8 Wrong name or password'));
    },
    onRcptTo: ({ address }, _session, done) => {
      const isMissing =
        options.isStrict === true ? !users.has(address) : address.startsWith('nobody');
      const reply = smtp.recipient?.(address) ?? (isMissing ? '550 5.1.1 No such user' : undefined);
      done(reply === undefined ? null : replyError(reply));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const reply = smtp.data?.(raw.toString());
        if (reply !== undefined) return done(replyError(reply));
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map((one) => one.address);
        taken.push({ from: mailFrom === false ? '' : mailFrom.address, to, raw });
        for (const one of to) if (users.has(one)) folder(one).append(raw);
        if (smtp.cutsAfterData === true) {
          for (const connection of server.connections) connection.close();
          return undefined;
        }
        if (smtp.thinks === undefined) return done();
        return void smtp.thinks.then(
          () => done(),
          (error: Error) => done(error),
        );
      });
    },
  });
  server.on('error', () => undefined);
  return server;
}
