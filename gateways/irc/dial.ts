import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NetworkError } from '../../src/plugin/index.ts';
import { isInside } from './inside-addresses.ts';
import type { SecureContexts } from './secure-contexts.ts';
import type { ServerSettings } from './servers.ts';

export interface DialContext {
  readonly secure: SecureContexts;
  readonly connectTimeoutMs: number;
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
): Promise<Socket> {
  const timeoutMs = context.connectTimeoutMs / server.ports.length;
  const addresses = await within(timeoutMs, signal, () => resolve(server));
  let failure: unknown;
  for (const port of server.ports) {
    try {
      return await dialPort({ server, context, addresses, port }, timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      failure = explain(error, server);
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

async function dialPort(attempt: Attempt, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
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

async function resolve(server: ServerSettings): Promise<readonly string[]> {
  const found = await lookup(server.host, { all: true }).catch((error: unknown) => {
    throw explain(error, server);
  });
  const addresses = found.map((entry) => entry.address);
  const allowed =
    server.preset === undefined ? addresses.filter((address) => !isInside(address)) : addresses;
  if (allowed.length === 0) {
    throw new NetworkError('refused', `${server.host} is not a server on the public Internet.`);
  }
  return allowed.slice(0, mostAddresses);
}

function open(attempt: Attempt, address: string, stop: AbortSignal): Promise<Socket> {
  const { server, context, port } = attempt;
  const place = { host: address, port: port.port };
  const socket = port.isTls
    ? connectTls({
        ...place,
        secureContext: context.secure.get(server),
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
        done(socket);
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

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up just now',
  EPROTO: 'it does not speak TLS on that port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on that port',
};

const certificateReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody but itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate comes from an authority that is not trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

function explain(error: unknown, server: ServerSettings): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const reason = certificateReasons[code] ?? reasons[code];
  const why = reason ?? (code === '' ? 'the connection failed' : `the connection failed (${code})`);
  return new NetworkError('unreachable', `Cannot reach ${server.host}: ${why}.`, { cause: error });
}

function isCertificateProblem(error: unknown): boolean {
  return Object.hasOwn(certificateReasons, codeOf(error));
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}
