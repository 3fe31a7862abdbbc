import type { DKIMOptions, SMTPPoolOptions } from 'nodemailer';
import { reach } from '../connect-options.ts';
import type { Credentials } from '../credentials.ts';
import type { Server, Timings } from '../options.ts';
import type { Texts } from '../texts.ts';

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
    socketTimeout: timings.answerMs,
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
