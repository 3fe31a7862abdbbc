import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import type HttpResponse from 'twilio/lib/http/response.js';
import { ProviderError } from '../provider-error.ts';
import type { TwilioOptions } from '../provider-options.ts';

type Library = typeof twilio;
type Twilio = ReturnType<Library>;

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Taken as it is when Twilio does not say how long to wait. */
const BUSY_MS = 1_000;

/** Twilio's own library, loaded when it is first needed; and nothing of what it would take from the environment. */
export class TwilioClient {
  readonly #options: TwilioOptions;
  readonly #agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: 50 }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: 50 }),
  };
  #library: Promise<Library> | undefined;
  #client: Promise<Twilio> | undefined;

  constructor(options: TwilioOptions) {
    this.#options = options;
  }

  get(): Promise<Twilio> {
    this.#client ??= this.#make();
    return this.#client;
  }

  /** Whether Twilio has signed a request to this URL with these fields. */
  async isSigned(signature: string, url: string, fields: Record<string, string>): Promise<boolean> {
    const { validateRequest } = await this.#load();
    return validateRequest(this.#options.authToken, signature, url, fields);
  }

  close(): void {
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent.destroy();
  }

  async #make(): Promise<Twilio> {
    const library = await this.#load();
    const { accountSid, authToken, apiUrl } = this.#options;
    const HttpClient = httpClient(library.RequestClient, this.#agents, apiUrl);
    return library(accountSid, authToken, {
      accountSid,
      httpClient: new HttpClient({ timeout: TIMEOUT_MS, autoRetry: false }),
      // Empty in the place of what TWILIO_EDGE, TWILIO_REGION and TWILIO_LOG_LEVEL say.
      edge: '',
      region: '',
      logLevel: 'none',
      env: {},
    });
  }

  #load(): Promise<Library> {
    this.#library ??= import('twilio').then((module) => module.default);
    return this.#library;
  }
}

/** The library's HTTP client with our agents instead of a proxy of the environment, another base, and errors for 429. */
function httpClient(
  Base: Library['RequestClient'],
  agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent },
  apiUrl: string | undefined,
): Library['RequestClient'] {
  return class extends Base {
    override async request<Data>(
      options: RequestClient.RequestOptions<Data>,
    ): Promise<HttpResponse.default<Data>> {
      Object.assign(this.axios.defaults, agents, { maxContentLength: MAX_ANSWER_BYTES });
      const uri = apiUrl === undefined ? options.uri : rebased(options.uri, apiUrl);
      const response = await super.request<Data>({ ...options, uri });
      if (response.statusCode !== 429) return response;
      const headers: unknown = response.headers;
      throw new ProviderError('busy', 'Twilio 20429: Too Many Requests', {
        retryAfterMs: retryAfterMs(headers),
      });
    }
  };
}

/** The same path on another server; the base may have a path of its own. */
export function rebased(uri: string, base: string): string {
  const { pathname, search } = new URL(uri);
  return `${base.replace(/\/+$/, '')}${pathname}${search}`;
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(headers: unknown): number {
  if (typeof headers !== 'object' || headers === null || !('retry-after' in headers))
    return BUSY_MS;
  const text = String(headers['retry-after']);
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : BUSY_MS;
}
