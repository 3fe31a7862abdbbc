import { NetworkError } from '../../../src/plugin/index.ts';
import type { Place } from '../account.ts';
import type { Credentials } from '../credentials.ts';
import { connectImap } from '../imap/connect.ts';
import type { EmailOptions } from '../options.ts';
import { transportOptions } from '../smtp/transport.ts';
import { sendError } from '../smtp/outcome.ts';
import type { Texts } from '../texts.ts';

const VERIFY_MS = 40_000;

/**
 * Signs in to both servers for a moment. The error says which of them refuses, and why.
 * @returns where the inbox ends now: "<UIDVALIDITY>:<UIDNEXT>"
 * @throws NetworkError credentials, unreachable, refused
 */
export async function verify(
  place: Place,
  credentials: Credentials,
  how: { readonly options: EmailOptions; readonly texts: Texts; readonly signal: AbortSignal },
): Promise<string> {
  const signal = AbortSignal.any([how.signal, AbortSignal.timeout(VERIFY_MS)]);
  const [imap, smtp] = await Promise.allSettled([
    verifyImap(place, credentials, { ...how, signal }),
    verifySmtp(place, credentials, { ...how, signal }),
  ]);
  how.signal.throwIfAborted();
  const errors: unknown[] = [];
  for (const one of [imap, smtp]) if (one.status === 'rejected') errors.push(one.reason);
  // A password that is refused is what the user can do something about.
  const first =
    errors.find((error) => error instanceof NetworkError && error.kind === 'credentials') ??
    errors[0];
  if (first !== undefined) {
    if (first instanceof NetworkError) throw first;
    throw new NetworkError('unreachable', how.texts.imapUnreachable, { cause: first });
  }
  return imap.status === 'fulfilled' ? imap.value : '';
}

interface How {
  readonly options: EmailOptions;
  readonly texts: Texts;
  readonly signal: AbortSignal;
}

async function verifyImap(
  place: Place,
  credentials: Credentials,
  { options, signal, texts }: How,
): Promise<string> {
  const parts = {
    server: place.imap,
    credentials,
    timings: options.timings,
    maxBytes: 1_048_576,
  };
  const client = await connectImap(parts, texts, signal);
  try {
    const status = await client.status('INBOX', { uidNext: true, uidValidity: true });
    return status === false ? '' : `${status.uidValidity}:${status.uidNext}`;
  } finally {
    const timer = setTimeout(() => client.close(), 500);
    await client.logout().catch(() => undefined);
    clearTimeout(timer);
    client.close();
  }
}

async function verifySmtp(
  place: Place,
  credentials: Credentials,
  { options, signal, texts }: How,
): Promise<void> {
  const token = credentials.kind === 'token' ? await credentials.token(signal) : undefined;
  const parts = { server: place.smtp, credentials, timings: options.timings, connections: 1 };
  const { default: SMTPConnection } = await import('nodemailer/lib/smtp-connection');
  const { default: XOAuth2 } = await import('nodemailer/lib/xoauth2');
  const settings = await transportOptions(parts, texts, token);
  signal.throwIfAborted();
  const connection = new SMTPConnection(settings);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('the server has ended the connection')));
      signal.addEventListener('abort', () => reject(new Error('it took too long')), { once: true });
      connection.connect((error) => {
        if (error !== undefined && error !== null) return reject(error);
        if (credentials.kind === 'none' || connection.allowsAuth === false) return resolve();
        const auth =
          credentials.kind === 'password'
            ? { user: credentials.user, pass: credentials.password }
            : {
                user: credentials.user,
                method: 'XOAUTH2',
                oauth2: new XOAuth2({ user: credentials.user, accessToken: token ?? '' }),
              };
        connection.login(auth, (refusal) => (refusal ? reject(refusal) : resolve()));
      });
    });
  } catch (error) {
    throw sendError(error, { isWhole: false, texts });
  } finally {
    connection.close();
  }
}
