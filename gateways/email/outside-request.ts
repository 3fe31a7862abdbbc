import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../../src/plugin/index.ts';
import type { Addresses } from './name-service.ts';

const TIME_MS = 10_000;
const MAX_BYTES = 100_000;

/**
 * Asks a web server that somebody else has named. Nothing in the administrator's own network is reached that way, no
 * redirect is followed, and not more than a page is read. `undefined` when there is no answer.
 */
export function askOutside(
  url: string,
  how: { readonly addresses: Addresses; readonly signal: AbortSignal; readonly form?: string },
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  const agent = new Agent({ keepAlive: false, lookup: lookupBy(how.addresses) });
  const { form } = how;
  return new Promise((resolve) => {
    const options = {
      agent,
      signal: AbortSignal.any([how.signal, AbortSignal.timeout(TIME_MS)]),
      ...(form === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    };
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isPublicAddress(host)) return resolve(undefined);
    const asked = request(url, options, (response) => {
      let size = 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) response.destroy();
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(undefined));
    });
    asked.on('error', () => resolve(undefined));
    asked.end(form);
  });
}

const lookupBy =
  (addresses: Addresses): LookupFunction =>
  (host, options, done) => {
    addresses(host).then(
      (outside) => {
        const [first] = outside;
        if (first === undefined) done(new Error('the address is of an inside network'), '');
        else if (options.all === true) done(null, [...outside]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), ''),
    );
  };
