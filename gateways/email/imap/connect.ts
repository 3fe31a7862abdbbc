import type { ImapFlow, ImapFlowOptions } from 'imapflow';
import { NetworkError } from '../../../src/plugin/index.ts';
import { reach } from '../connect-options.ts';
import type { Credentials } from '../credentials.ts';
import type { Server, Timings } from '../options.ts';
import { certificateProblem, serverWords } from '../server-words.ts';
import type { Texts } from '../texts.ts';

export interface ImapParts {
  readonly server: Server;
  readonly credentials: Credentials;
  readonly timings: Timings;
  /** The largest thing that is ever asked for, a mail. */
  readonly maxBytes: number;
}

/**
 * A client that is signed in (RFC 9051). Its errors end it, and nothing else.
 * @throws NetworkError credentials, unreachable, refused
 */
export async function connectImap(
  parts: ImapParts,
  texts: Texts,
  signal: AbortSignal,
): Promise<ImapFlow> {
  signal.throwIfAborted();
  const { credentials } = parts;
  const token = credentials.kind === 'token' ? await credentials.token(signal) : undefined;
  const options = await clientOptions(parts, texts, token);
  const { ImapFlow: Client } = await import('imapflow');
  signal.throwIfAborted();
  const client = new Client(options);
  // Without a listener an error would end the process; 'close' follows it.
  client.on('error', () => undefined);
  const stop = (): void => client.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
    signal.throwIfAborted();
    return client;
  } catch (error) {
    client.close();
    throw signal.aborted ? signal.reason : imapError(error, texts);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function clientOptions(
  { credentials, maxBytes, server, timings }: ImapParts,
  texts: Texts,
  token: string | undefined,
): Promise<ImapFlowOptions> {
  const { host, tls } = await reach(server, texts);
  return {
    host,
    port: server.port,
    secure: server.security === 'tls',
    doSTARTTLS: server.security === 'starttls',
    tls,
    ...(typeof tls.servername === 'string' ? { servername: tls.servername } : {}),
    ...(credentials.kind === 'password'
      ? { auth: { user: credentials.user, pass: credentials.password } }
      : {}),
    ...(credentials.kind === 'token' && token !== undefined
      ? { auth: { user: credentials.user, accessToken: token } }
      : {}),
    clientInfo: { name: 'Causeway' },
    logger: false,
    disableAutoIdle: true,
    // Its buffers cost each of many idle mailboxes more than it saves.
    disableCompression: true,
    qresync: true,
    maxIdleTime: timings.idleMs,
    connectionTimeout: timings.connectTimeoutMs,
    greetingTimeout: timings.connectTimeoutMs,
    socketTimeout: timings.socketTimeoutMs,
    maxLineLength: 1_048_576,
    maxLiteralSize: maxBytes + 1_048_576,
    maxResponseSize: maxBytes + 2_097_152,
    maxLockHoldTime: false,
  };
}

interface Failure {
  readonly authenticationFailed?: unknown;
  readonly serverResponseCode?: unknown;
  readonly responseText?: unknown;
  readonly response?: unknown;
  readonly responseStatus?: unknown;
}

/** RFC 5530: the server does not say that the password is wrong, only that it will not look at it now. */
const passing = /^(UNAVAILABLE|LIMIT|INUSE|SERVERBUG|CONTACTADMIN|ALERT)$/i;

export function imapError(error: unknown, texts: Texts): NetworkError {
  if (error instanceof NetworkError) return error;
  const failure: Failure = error instanceof Error ? (error as Failure) : {};
  const said = [failure.responseText, failure.response].find((text) => typeof text === 'string');
  const words = serverWords(typeof said === 'string' ? said : '');
  if (failure.authenticationFailed === true) {
    const code = failure.serverResponseCode;
    const isPassing = typeof code === 'string' && passing.test(code);
    return isPassing
      ? new NetworkError('unreachable', texts.serverSays(words), { cause: error })
      : new NetworkError('credentials', texts.imapRefuses(words), { cause: error });
  }
  const problem = certificateProblem(error);
  if (problem !== undefined) {
    return new NetworkError('unreachable', texts.imapUntrusted(problem), { cause: error });
  }
  return new NetworkError('unreachable', texts.imapUnreachable, { cause: error });
}

/** Why a mail was not put into a folder: a server that says no says so next time, too (RFC 9051 §6.3.12). */
export function appendError(error: unknown, texts: Texts): NetworkError {
  const failure: Failure = error instanceof Error ? (error as Failure) : {};
  const { responseStatus, serverResponseCode: code } = failure;
  const isTooLarge = code === 'APPENDLIMIT';
  const isPassing = typeof code === 'string' && passing.test(code);
  if (!isTooLarge && (responseStatus !== 'NO' || isPassing)) return imapError(error, texts);
  const said = [failure.responseText, failure.response].find((text) => typeof text === 'string');
  const words = serverWords(typeof said === 'string' ? said : '');
  const text = isTooLarge || words === '' ? texts.tooLargeForServer : texts.serverSays(words);
  return new NetworkError('refused', text, { cause: error });
}
