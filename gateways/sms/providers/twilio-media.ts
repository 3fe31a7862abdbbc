import type { File } from '../../../src/plugin/index.ts';
import { ProviderError } from '../provider-error.ts';
import type { TwilioOptions } from '../provider-options.ts';
import { rebased } from './twilio-client.ts';

const FETCH_TIMEOUT_MS = 60_000;
const MAX_BYTES = 20_000_000;
/** How a picture is laid out on a phone: nothing to see. */
const LAYOUT = 'application/smil';
const API = 'https://api.twilio.com';

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'text/plain': 'txt',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'text/calendar': 'ics',
  'application/pdf': 'pdf',
};

/** A file at Twilio, and whether all of it has been fetched. */
export interface ReceivedFile {
  readonly sid: string;
  readonly file: File;
  isFetched: boolean;
}

/** The files of a text that came in: `NumMedia`, `MediaUrl0`, `MediaContentType0` … */
export function receivedFiles(
  fields: ReadonlyMap<string, string>,
  options: TwilioOptions,
): ReceivedFile[] {
  const count = Math.min(Number(fields.get('NumMedia') ?? '0') || 0, 10);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const type = (
      fields.get(`MediaContentType${index}`) ?? 'application/octet-stream'
    ).toLowerCase();
    const url = apiUrlOf(fields.get(`MediaUrl${index}`), options);
    if (url === undefined || type === LAYOUT) return [];
    const sid = url.split('/').at(-1) ?? 'file';
    const received: ReceivedFile = {
      sid,
      isFetched: false,
      file: {
        name: `${sid}.${ENDINGS[type] ?? 'bin'}`,
        type,
        open: async (signal) => {
          const body = await download(url, options, signal);
          return body.pipeThrough(
            new TransformStream<Uint8Array, Uint8Array>({
              flush: () => void (received.isFetched = true),
            }),
          );
        },
      },
    };
    return [received];
  });
}

/** The URL at the API itself; credentials go nowhere else. */
function apiUrlOf(url: string | undefined, { apiUrl }: TwilioOptions): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  if (apiUrl !== undefined && origin === new URL(apiUrl).origin) return url;
  if (origin !== API) return undefined;
  return apiUrl === undefined ? url : rebased(url, apiUrl);
}

/**
 * The API redirects to where the file lies; the credentials do not follow to another origin (Fetch §4.4).
 * @throws ProviderError
 */
async function download(
  url: string,
  { accountSid, authToken }: TwilioOptions,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { authorization },
      signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    });
  } catch (error) {
    throw new ProviderError('down', 'Twilio: no answer for a file', { cause: error });
  }
  const { body, headers, ok, status } = response;
  if (!ok || body === null) {
    await body?.cancel();
    const isGone = status === 404 || status === 410;
    throw new ProviderError(isGone ? 'bad-media' : 'down', `Twilio: ${status} for a file`);
  }
  if (Number(headers.get('content-length') ?? '0') > MAX_BYTES) {
    await body.cancel();
    throw new ProviderError('too-large', 'Twilio: the file is too large');
  }
  return body;
}
