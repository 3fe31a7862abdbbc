import { randomBytes } from 'node:crypto';
import type { File } from '../../../src/plugin/index.ts';
import { ProviderError } from '../provider-error.ts';

const FETCH_TIMEOUT_MS = 60_000;
const MAX_OFFERS = 1_000;
const OFFER_MS = 6 * 3_600_000;
const UNKNOWN = 'application/octet-stream';

/** How files begin that phones show, for those whose name says nothing. */
const BEGINNINGS: readonly (readonly [bytes: string, type: string])[] = [
  ['ffd8ff', 'image/jpeg'],
  ['89504e470d0a1a0a', 'image/png'],
  ['47494638', 'image/gif'],
  ['25504446', 'application/pdf'],
];

interface Offer {
  readonly file: File;
  readonly type: string;
  readonly sizeBytes: number;
  readonly expiresAt: number;
}

/** Files of users under an address that only Twilio is told: what nobody can guess is as good as a signature. */
export class MediaOffers {
  readonly #offers = new Map<string, Offer>();

  /**
   * Looks at the files first, so that the user is told what is wrong with them, and Twilio their type and size.
   * @returns the paths that they are fetched from
   * @throws NetworkError as `File.open`; ProviderError too-large
   */
  async offer(files: readonly File[], mostBytes: number, signal: AbortSignal): Promise<string[]> {
    const paths: string[] = [];
    let left = mostBytes;
    for (const file of files) {
      const { type, sizeBytes } = await measured(file, left, signal);
      left -= sizeBytes;
      paths.push(this.#add({ file, type, sizeBytes, expiresAt: Date.now() + OFFER_MS }));
    }
    return paths;
  }

  async answer(request: Request, path: string): Promise<Response> {
    const offer = this.#offers.get(path.slice('media/'.length));
    if (offer === undefined || offer.expiresAt < Date.now()) {
      return new Response('Not found\n', { status: 404 });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Only GET\n', { status: 405, headers: { allow: 'GET, HEAD' } });
    }
    const headers = {
      'content-type': offer.type,
      'content-length': String(offer.sizeBytes),
      'x-content-type-options': 'nosniff',
    };
    if (request.method === 'HEAD') return new Response(null, { headers });
    const body = await offer.file.open(AbortSignal.timeout(FETCH_TIMEOUT_MS));
    return new Response(body, { headers });
  }

  #add(offer: Offer): string {
    const now = Date.now();
    for (const [id, { expiresAt }] of this.#offers) {
      if (expiresAt > now && this.#offers.size < MAX_OFFERS) break;
      this.#offers.delete(id);
    }
    const id = randomBytes(16).toString('hex');
    this.#offers.set(id, offer);
    return `media/${id}`;
  }
}

/** Reads a file to its end, and keeps nothing of it. */
async function measured(
  file: File,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Pick<Offer, 'type' | 'sizeBytes'>> {
  let beginning = Buffer.alloc(0);
  let sizeBytes = 0;
  for await (const chunk of await file.open(signal)) {
    if (beginning.length < 8) beginning = Buffer.concat([beginning, chunk.subarray(0, 8)]);
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) {
      throw new ProviderError('too-large', 'Twilio takes 5 MB of files with one text');
    }
  }
  const begins = beginning.toString('hex');
  const known = BEGINNINGS.find(([bytes]) => begins.startsWith(bytes))?.[1];
  return { type: file.type === UNKNOWN ? (known ?? UNKNOWN) : file.type, sizeBytes };
}
