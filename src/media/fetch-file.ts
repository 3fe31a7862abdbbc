import type { IncomingMessage } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { NetworkError } from '../plugin/index.ts';
import { guardedRequest } from './guarded-request.ts';
import type { Guard } from './guarded-request.ts';
import { mediaTexts } from './texts.ts';

const MAX_REDIRECTS = 5;
const IDLE_MS = 30_000;
const WHOLE_MS = 300_000;

export interface FetchLimits extends Guard {
  readonly maxBytes: number;
  /** As in the header Accept: `image/*`, or all. */
  readonly types: readonly string[];
}

/**
 * What is behind an address that a user has named, read as it comes.
 * @throws NetworkError too-large, not-found, unreachable; the stream fails with one of them, too
 */
export async function fetchFile(
  address: string,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const whole = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_MS)]);
  const response = await answerOf(address, limits, whole);
  try {
    check(response, limits);
  } catch (error) {
    response.destroy();
    throw error;
  }
  return limited(response, limits);
}

/** Each address on the way is looked at like the first. */
async function answerOf(
  address: string,
  limits: FetchLimits,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let url = parsed(address, limits);
  for (let count = 0; count <= MAX_REDIRECTS; count += 1) {
    const headers = { 'user-agent': 'Causeway', 'accept-encoding': 'identity' };
    const response = await guardedRequest({ method: 'GET', url, headers, signal }, limits);
    const { statusCode = 0 } = response;
    const { location } = response.headers;
    const isRedirect = statusCode >= 300 && statusCode < 400 && location !== undefined;
    if (!isRedirect) return response;
    response.destroy();
    const next = parsed(location, limits, url);
    if (url.protocol === 'https:' && next.protocol === 'http:') throw notFound(url, limits);
    url = next;
  }
  throw notFound(url, limits);
}

function check({ statusCode = 0, headers }: IncomingMessage, limits: FetchLimits): void {
  const texts = textsFor(limits);
  if (statusCode >= 500 || statusCode === 429) {
    throw new NetworkError('unreachable', texts.notNow);
  }
  if (statusCode !== 200) throw new NetworkError('not-found', texts.notThere);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new NetworkError('not-found', texts.unreadable);
  }
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes) throw tooLarge(limits);
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!limits.types.some((pattern) => fits(type, pattern))) {
    throw new NetworkError('not-found', texts.wrongType(type));
  }
}

function fits(type: string, pattern: string): boolean {
  if (pattern === '*/*') return true;
  return pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function limited(response: IncomingMessage, limits: FetchLimits): ReadableStream<Uint8Array> {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) done(tooLarge(limits));
      else done(null, chunk);
    },
  });
  const broken = (): void => {
    counted.destroy(new NetworkError('unreachable', textsFor(limits).notToItsEnd));
  };
  response.setTimeout(IDLE_MS, broken);
  response.once('error', broken);
  response.once('aborted', broken);
  counted.once('close', () => response.destroy());
  response.pipe(counted);
  // The bytes of a Buffer are a Uint8Array.
  return Readable.toWeb(counted) as ReadableStream<Uint8Array>;
}

function parsed(address: string, limits: FetchLimits, base?: URL): URL {
  const url = URL.canParse(address, base?.href) ? new URL(address, base?.href) : undefined;
  if (url === undefined) throw new NetworkError('not-found', textsFor(limits).noAddress);
  url.hash = '';
  return url;
}

function notFound({ hostname }: URL, limits: FetchLimits): NetworkError {
  return new NetworkError('not-found', textsFor(limits).leadsNowhere(hostname));
}

function tooLarge(limits: FetchLimits): NetworkError {
  return new NetworkError('too-large', textsFor(limits).tooLarge);
}

function textsFor({ language = 'en' }: Guard): ReturnType<typeof mediaTexts> {
  return mediaTexts(language);
}
