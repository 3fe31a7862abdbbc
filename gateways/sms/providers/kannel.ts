import type { Examination, Finding } from '../../../src/plugin/index.ts';
import { dialled } from '../party.ts';
import { ProviderError } from '../provider-error.ts';
import type {
  Capabilities,
  Desk,
  FailureReason,
  Health,
  Provider,
  TextIn,
  TextOut,
} from '../provider.ts';
import type { KannelOptions } from '../provider-options.ts';
import type { TextState } from '../text-state.ts';
import { readEightBit } from './eight-bit.ts';
import { examinePlace } from './reach.ts';

const TIMEOUT_MS = 20_000;

const NO_HOOKS = {
  text: 'tells neither of texts that come in nor of what became of others',
  advice: 'set http.publicUrl, or provider.callbackUrl',
};

/** Bits of dlr-mask (Kannel's user guide, "Delivery Reports"). */
const DELIVERED = 1;
const UNDELIVERED = 2;
const QUEUED_AT_SMSC = 4;
const TAKEN_BY_SMSC = 8;
const REFUSED_BY_SMSC = 16;

const STATES: Readonly<Record<number, TextState>> = {
  [DELIVERED]: 'delivered',
  [UNDELIVERED]: 'failed',
  [QUEUED_AT_SMSC]: 'queued',
  [TAKEN_BY_SMSC]: 'sent',
  [REFUSED_BY_SMSC]: 'failed',
};

/** Kannel: sendsms out, dlr-url and the catch-all get-url in. */
export function createKannel(options: KannelOptions, desk: Desk): Provider {
  return new KannelProvider(options, desk);
}

class KannelProvider implements Provider {
  readonly capabilities: Capabilities = {
    files: undefined,
    groups: false,
    names: true,
    receipts: true,
  };
  readonly #options: KannelOptions;
  readonly #desk: Desk;
  #trouble: string | undefined;

  constructor(options: KannelOptions, desk: Desk) {
    this.#options = options;
    this.#desk = desk;
  }

  async start(): Promise<void> {
    if (this.#desk.hookUrl !== undefined) return;
    this.#desk.log.warn('neither http.publicUrl nor callbackUrl is set: Kannel can tell nothing');
  }

  async send(text: TextOut, signal: AbortSignal): Promise<void> {
    const url = this.#url(text);
    let response: Response;
    try {
      response = await fetch(url, {
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
    } catch (error) {
      throw this.#noted(noAnswer(error));
    }
    const answer = (await response.text().catch(() => '')).slice(0, 200).trim();
    this.#trouble = undefined;
    // "0: Accepted for delivery", "3: Queued for later delivery"
    if (response.status === 202) return;
    throw this.#noted(refusal(response.status, answer));
  }

  async web(request: Request, path: string): Promise<Response> {
    if (path !== '') return answer(404, 'Not found');
    if (request.method !== 'GET' && request.method !== 'POST') {
      return answer(405, 'Only GET and POST', { allow: 'GET, POST' });
    }
    const { search, searchParams: fields } = new URL(request.url);
    const ticket = fields.get('ticket');
    return ticket === null
      ? this.#receive(fields, bytesOf(search, 'text'))
      : this.#report(ticket, fields);
  }

  /** Asks to send to nobody: credentials are looked at first. */
  async diagnose({ signal }: Examination): Promise<readonly Finding[]> {
    const { hostname, port, protocol } = new URL(this.#options.sendUrl);
    const isTls = protocol === 'https:';
    const place = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isTls ? 443 : 80) : Number(port),
      isTls,
    };
    const reached = await examinePlace(place, signal);
    const { about } = reached;
    const hooks: readonly Finding[] =
      this.#desk.hookUrl === undefined ? [{ verdict: 'warning', about, ...NO_HOOKS }] : [];
    if (reached.verdict !== 'ok') return [reached, ...hooks];
    return [{ about, ...(await this.#examineCredentials(signal)) }, ...hooks];
  }

  async #examineCredentials(signal: AbortSignal): Promise<Omit<Finding, 'about'>> {
    const { sendUrl, username, password } = this.#options;
    const url = new URL(sendUrl);
    url.searchParams.set('username', username);
    url.searchParams.set('password', password);
    try {
      const { status, body } = await fetch(url, { redirect: 'manual', signal });
      await body?.cancel();
      // "Missing receiver number, rejected"
      if (status === 400) return { verdict: 'ok', text: 'takes the credentials' };
      const text = `answers ${status}`;
      if (status !== 401 && status !== 403) {
        return { verdict: 'trouble', text, advice: 'look at provider.sendUrl' };
      }
      return {
        verdict: 'trouble',
        text: 'refuses the credentials',
        advice: 'look at provider.username and provider.password, and at user-allow-ip of Kannel',
      };
    } catch {
      const text = 'gives no answer to a request';
      return { verdict: 'trouble', text, advice: 'look at provider.sendUrl' };
    }
  }

  health(): Health {
    return { isUp: this.#trouble === undefined, text: this.#trouble ?? 'Kannel' };
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #url(text: TextOut): URL {
    const { sendUrl, username, password, smsc } = this.#options;
    const url = new URL(sendUrl);
    const fields = url.searchParams;
    fields.set('username', username);
    fields.set('password', password);
    fields.set('from', text.from);
    fields.set('to', dialled(text.to));
    fields.set('text', text.text);
    // Without these what is not in the alphabet of GSM comes out as question marks.
    fields.set('charset', 'UTF-8');
    fields.set('coding', text.encoding === 'ucs2' ? '2' : '0');
    if (smsc !== undefined) fields.set('smsc', smsc);
    if (this.#desk.hookUrl === undefined) return url;
    // The answer names no id: our own comes back in the URL.
    const mask = UNDELIVERED | REFUSED_BY_SMSC | (text.asksReceipt ? DELIVERED : 0);
    fields.set('dlr-mask', String(mask));
    fields.set('dlr-url', `${this.#desk.hookUrl}?ticket=${text.ticket}&dlr=%d&answer=%A`);
    return url;
  }

  async #receive(fields: URLSearchParams, said: Buffer): Promise<Response> {
    const id = fields.get('id');
    const from = fields.get('from');
    const to = fields.get('to');
    if (!id || !from || !to) return answer(400, 'id, from and to are needed');
    const seconds = Number(fields.get('time') ?? '');
    const reception = await this.#desk.received({
      id,
      from,
      to,
      ...contentOf(said, fields.get('charset') ?? ''),
      ...(seconds > 0 ? { at: new Date(seconds * 1_000) } : {}),
    });
    return reception === 'stored' ? answer(200, '') : answer(404, 'Nobody has this number');
  }

  async #report(ticket: string, fields: URLSearchParams): Promise<Response> {
    const code = Number(fields.get('dlr') ?? '');
    const state = STATES[code];
    if (state === undefined) return answer(400, 'dlr is not known');
    const words = fields.get('answer') ?? '';
    const failure = { reason: reasonOf(words), detail: `Kannel ${code}${words && `: ${words}`}` };
    await this.#desk.reported({ ticket, state, ...(state === 'failed' ? { failure } : {}) });
    return answer(200, '');
  }

  #noted(error: ProviderError): ProviderError {
    if (error.failure === undefined) this.#trouble = error.message;
    if (error.what === 'refuses')
      this.#desk.log.error({ err: error }, 'Kannel refuses the credentials');
    return error;
  }
}

/** The value of a field as it is, before anybody takes it for UTF-8. */
function bytesOf(search: string, name: string): Buffer {
  const field = search
    .slice(1)
    .split('&')
    .find((one) => one.startsWith(`${name}=`));
  const text = (field?.slice(name.length + 1) ?? '').replaceAll('+', ' ');
  const latin = text.replace(/%([\da-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return Buffer.from(latin, 'latin1');
}

/** `%C` is UTF-8, or UTF-16BE without `mo-recode`, or 8-BIT for what may be no text. */
function contentOf(said: Buffer, charset: string): Pick<TextIn, 'text' | 'bytes'> {
  if (!/^8-?bit$/i.test(charset)) return { text: decoded(said, charset) };
  const text = readEightBit(said);
  return text === undefined ? { text: '', bytes: said.length } : { text };
}

function decoded(said: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset).decode(said);
  } catch {
    return said.toString();
  }
}

/** The SMSC's own words, when Kannel passes them on. */
function reasonOf(words: string): FailureReason {
  if (/stat:EXPIRED/i.test(words)) return 'expired';
  if (/stat:(REJECTD|DELETED)/i.test(words)) return 'blocked';
  return /invalid (dest|number)|unknown subscriber/i.test(words) ? 'bad-number' : 'unknown';
}

function noAnswer(error: unknown): ProviderError {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const isNotSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(code);
  return new ProviderError(isNotSent ? 'down' : 'uncertain', `Kannel: no answer ${code}`.trim(), {
    cause: error,
  });
}

function refusal(status: number, words: string): ProviderError {
  const detail = `Kannel ${status}: ${words}`;
  if (status === 403 || status === 401) return new ProviderError('refuses', detail);
  // 503: not now, and nothing is kept.
  if (status === 503) return new ProviderError('down', detail);
  return new ProviderError(status >= 500 ? 'uncertain' : 'unknown', detail);
}

const answer = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(text === '' ? '' : `${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain', ...headers },
  });
