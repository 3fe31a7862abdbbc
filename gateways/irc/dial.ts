import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isPublicAddress, NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { Inlet } from './inlet.ts';
import type { SecureContexts } from './secure-contexts.ts';
import type { ServerSettings } from './servers.ts';
import { troubleTexts } from './trouble-texts.ts';
import type { TroubleTexts } from './trouble-texts.ts';

export interface DialContext {
  readonly secure: SecureContexts;
  readonly connectTimeoutMs: number;
  /** The one to speak to the user in errors. */
  readonly language: Language;
  /** The user's own, with its key (PEM). */
  readonly certificate?: string | undefined;
}

/** A connection, and where its bytes come in. */
export interface Wire {
  readonly socket: Socket;
  readonly inlet: Inlet;
}

const mostAddresses = 4;

/**
 * Connects to the first port and address that answers.
 * @throws NetworkError unreachable, refused
 */
export async function dial(
  server: ServerSettings,
  context: DialContext,
  signal: AbortSignal,
): Promise<Wire> {
  const timeoutMs = context.connectTimeoutMs / server.ports.length;
  const addresses = await within(timeoutMs, signal, () => resolve(server, context.language));
  let failure: unknown;
  for (const port of server.ports) {
    try {
      return await dialPort({ server, context, addresses, port }, timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = explain(error, server, context.language);
      // What cannot prove its name is not asked once more without encryption.
      if (isCertificateProblem(error)) break;
    }
  }
  throw failure;
}

interface Attempt {
  readonly server: ServerSettings;
  readonly context: DialContext;
  readonly addresses: readonly string[];
  readonly port: { readonly port: number; readonly isTls: boolean };
}

async function dialPort(attempt: Attempt, timeoutMs: number, signal: AbortSignal): Promise<Wire> {
  const { addresses } = attempt;
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await within(timeoutMs / addresses.length, signal, (stop) =>
        open(attempt, address, stop),
      );
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
      if (isCertificateProblem(error)) break;
    }
  }
  throw failure;
}

async function resolve(server: ServerSettings, language: Language): Promise<readonly string[]> {
  const found = await lookup(server.host, { all: true }).catch((error: unknown) => {
    throw explain(error, server, language);
  });
  const addresses = found.map((entry) => entry.address);
  const allowed =
    server.preset === undefined
      ? addresses.filter((address) => isPublicAddress(address))
      : addresses;
  if (allowed.length === 0) {
    throw new NetworkError('refused', troubleTexts(language).notPublic(server.host));
  }
  return allowed.slice(0, mostAddresses);
}

function open(attempt: Attempt, address: string, stop: AbortSignal): Promise<Wire> {
  const { server, context, port } = attempt;
  const inlet = new Inlet();
  const place = { host: address, port: port.port, onread: inlet.onread };
  const socket = port.isTls
    ? connectTls({
        ...place,
        secureContext: context.secure.get(server, context.certificate),
        rejectUnauthorized: server.isVerified,
        ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
      })
    : connectTcp(place);
  return new Promise((done, fail) => {
    const finish = (error?: Error): void => {
      socket.off('close', closed);
      stop.removeEventListener('abort', aborted);
      if (error === undefined) {
        socket.off('error', finish);
        done({ socket, inlet });
        return;
      }
      // Late errors of a socket that is given up are nobody's.
      socket.on('error', () => undefined);
      socket.destroy();
      fail(error);
    };
    const closed = (): void => finish(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const aborted = (): void => finish(Object.assign(new Error('time'), { code: 'ETIMEDOUT' }));
    socket.once('error', finish);
    socket.once('close', closed);
    socket.once(port.isTls ? 'secureConnect' : 'connect', () => finish());
    stop.addEventListener('abort', aborted);
  });
}

/** Gives the work a signal that aborts with the outer one or when time is up, and does not wait for it longer. */
async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal.addEventListener('abort', abort);
  try {
    return await new Promise<T>((done, fail) => {
      work(controller.signal).then(done, fail);
      const late = (): void => fail(Object.assign(new Error('time'), { code: 'ETIMEDOUT' }));
      controller.signal.addEventListener('abort', late);
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Texts that say why: those that have no holes. */
type Reason = {
  [Name in keyof TroubleTexts]: TroubleTexts[Name] extends string ? Name : never;
}[keyof TroubleTexts];

const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'refusedPort',
  ECONNRESET: 'closedPort',
  ETIMEDOUT: 'timedOut',
  EHOSTUNREACH: 'noWay',
  ENETUNREACH: 'noWay',
  ENOTFOUND: 'noHost',
  EAI_AGAIN: 'noLookup',
  EPROTO: 'noTls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'noTls',
};

const certificateReasons: Readonly<Record<string, Reason>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'notYetValid',
  CERT_REVOKED: 'revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'selfSigned',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'otherName',
};

function explain(error: unknown, server: ServerSettings, language: Language): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const reason = certificateReasons[code] ?? reasons[code];
  const texts = troubleTexts(language);
  const unknown = code === '' ? texts.broke : `${texts.broke} (${code})`;
  const why = reason === undefined ? unknown : texts[reason];
  return new NetworkError('unreachable', texts.cannotReach(server.host, why), { cause: error });
}

function isCertificateProblem(error: unknown): boolean {
  return Object.hasOwn(certificateReasons, codeOf(error));
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}
