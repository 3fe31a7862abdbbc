import { lookup as lookUp } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { request as requestPlain } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { isPublicAddress, NetworkError } from '../plugin/index.ts';
import type { Language } from '../plugin/index.ts';
import { mediaTexts } from './texts.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/** Finds the addresses of a host. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface Guard {
  readonly resolve?: Resolve;
  /** Hosts, with or without a port, that may be anywhere. */
  readonly trustedHosts: readonly string[];
  /** That of whoever reads why it failed; English when that is the log. */
  readonly language?: Language;
}

export interface GuardedRequest {
  readonly method: 'GET' | 'PUT';
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Readable;
  readonly signal: AbortSignal;
}

const systemResolve: Resolve = (host) => lookUp(host, { all: true });

/**
 * One request over HTTP(S) to an address that a stranger has named. The host must be on the public Internet; that is
 * looked at when the connection is made, on the very address that it is made to, so that a name which changes its mind
 * gains nothing. Redirects are not followed.
 * @throws NetworkError not-found for what may not be asked or does not exist, unreachable for what cannot be asked now
 */
export async function guardedRequest(
  { method, url, headers, body, signal }: GuardedRequest,
  guard: Guard,
): Promise<IncomingMessage> {
  const isTrusted = isAmong(guard.trustedHosts, url);
  check(url, isTrusted, guard);
  const request = url.protocol === 'https:' ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers,
      signal,
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
      lookup: lookupOf(isTrusted, guard),
    });
    outgoing.once('timeout', () => outgoing.destroy(unreachable(url, guard)));
    outgoing.once('response', resolve);
    outgoing.once('error', (error) =>
      reject(error instanceof NetworkError ? error : troubleWith(url, guard, error)),
    );
    if (body === undefined) return void outgoing.end();
    body.once('error', (error) => outgoing.destroy(error));
    body.pipe(outgoing);
  });
}

function check(url: URL, isTrusted: boolean, guard: Guard): void {
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  if (!isWeb || url.username !== '' || url.password !== '') throw closedTo(url, guard);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!isTrusted && isIP(host) !== 0 && !isPublicAddress(host)) throw closedTo(url, guard);
}

/** Node asks for one address or for all, as it likes. */
function lookupOf(isTrusted: boolean, guard: Guard): LookupFunction {
  const { resolve = systemResolve } = guard;
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const open = isTrusted ? found : found.filter(({ address }) => isPublicAddress(address));
        const [first] = open;
        if (first === undefined) return callback(closedTo({ hostname: host }, guard), '', 4);
        if (options.all === true) callback(null, [...open]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) =>
        callback(error instanceof Error ? error : new Error('no such host'), '', 4),
    );
  };
}

function isAmong(hosts: readonly string[], { hostname, host }: URL): boolean {
  return hosts.some((trusted) => trusted === hostname || trusted === host);
}

type Host = Pick<URL, 'hostname'>;

function closedTo({ hostname }: Host, { language = 'en' }: Guard): NetworkError {
  return new NetworkError('not-found', mediaTexts(language).closed(hostname));
}

/** A name that does not exist will not do so in a while. */
function troubleWith(url: URL, guard: Guard, error: NodeJS.ErrnoException): NetworkError {
  const trouble = unreachable(url, guard, error);
  if (error.code !== 'ENOTFOUND') return trouble;
  return new NetworkError('not-found', trouble.message, { cause: error });
}

function unreachable(
  { hostname }: Host,
  { language = 'en' }: Guard,
  cause?: unknown,
): NetworkError {
  return new NetworkError('unreachable', mediaTexts(language).unreachable(hostname), { cause });
}
