import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  INTERNAL,
  NOT_FOUND,
  TOO_MANY,
  UNAUTHORIZED,
  refusalOf,
  signatureOf,
  sidOf,
} from './twilio-rules.ts';
import type { Refusal } from './twilio-rules.ts';

export interface TwilioServerOptions {
  readonly accountSid?: string;
  readonly authToken?: string;
  readonly port?: number;
  /** Where texts to its numbers are told, and how callbacks are sent; by default with `fetch`. */
  readonly smsUrl?: string;
  readonly post?: (url: string, init: RequestInit) => Promise<Response>;
}

/** A text that a phone has got, or that waits to be delivered. */
export interface TwilioMessage {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly media: readonly string[];
  /** What it found there, if it looks. */
  readonly fetched: { readonly type: string; readonly size: string; readonly data: Buffer }[];
  readonly direction: 'inbound' | 'outbound-api';
  readonly callback: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly createdAt: Date;
  status: string;
  errorCode: number | undefined;
}

/** Manners that a test may change at any time. */
export interface TwilioBehaviours {
  /** So many requests more are answered with 429 and this header. */
  busy: number;
  retryAfter: string;
  /** So many messages more are taken without an answer. */
  mute: number;
  /** So many requests more are answered with 500, before anything is done. */
  broken: number;
  /** Answers nothing any more. */
  silent: boolean;
  /** Phones say back what they are told. */
  echo: boolean;
  /** Files that go with texts are fetched, and a text fails whose files cannot be. */
  fetches: boolean;
  /** The statuses that a text goes through by itself, by the number it goes to; `undefined` for all others. */
  outcome: (to: string) => { readonly statuses: readonly string[]; readonly errorCode?: number };
}

interface Medium {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Twilio on loopback: the part of its REST API that carries texts, its callbacks and webhooks, with real signatures. */
export class TwilioServer {
  readonly accountSid: string;
  readonly authToken: string;
  readonly messages: TwilioMessage[] = [];
  readonly media = new Map<string, Medium>();
  readonly behaviours: TwilioBehaviours = {
    busy: 0,
    retryAfter: '1',
    mute: 0,
    broken: 0,
    silent: false,
    echo: false,
    fetches: false,
    outcome: () => ({ statuses: [] }),
  };
  /** Every request to the API, method and path. */
  readonly requests: string[] = [];
  readonly #options: TwilioServerOptions;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  readonly #working = new Set<Promise<unknown>>();
  #serial = 0;

  constructor(options: TwilioServerOptions = {}) {
    this.#options = options;
    this.accountSid = options.accountSid ?? `AC${'0'.repeat(31)}1`;
    this.authToken = options.authToken ?? 'the-token-of-this-account';
  }

  async start(): Promise<this> {
    this.#server.listen(this.#options.port ?? 0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#working);
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** A phone writes to one of the numbers of this account. @returns the answer of the webhook */
  async text(
    from: string,
    to: string,
    body: string,
    more: {
      readonly media?: readonly Medium[];
      readonly fields?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Response> {
    const sid = sidOf((more.media ?? []).length > 0 ? 'mms' : 'message', (this.#serial += 1));
    const media = (more.media ?? []).map((medium) => {
      const id = sidOf('media', (this.#serial += 1));
      this.media.set(`${sid}/${id}`, medium);
      return [`${this.#path()}/Messages/${sid}/Media/${id}`, medium.type] as const;
    });
    this.messages.push(
      this.#message({ sid, from, to, body, direction: 'inbound', status: 'received' }),
    );
    const fields = new URLSearchParams({
      ToCountry: 'US',
      SmsMessageSid: sid,
      NumMedia: String(media.length),
      SmsSid: sid,
      SmsStatus: 'received',
      Body: body,
      To: to,
      NumSegments: '1',
      MessageSid: sid,
      AccountSid: this.accountSid,
      From: from,
      ApiVersion: '2010-04-01',
      ...more.fields,
    });
    for (const [index, [path, type]] of media.entries()) {
      fields.set(`MediaContentType${index}`, type);
      fields.set(`MediaUrl${index}`, `https://api.twilio.com${path}`);
    }
    return this.post(this.#options.smsUrl ?? '', fields);
  }

  /** Tells what has become of a text. */
  async tell(sid: string, status: string, errorCode?: number): Promise<Response | undefined> {
    const message = this.messages.find((one) => one.sid === sid);
    if (message === undefined) throw new Error(`there is no message ${sid}`);
    message.status = status;
    message.errorCode = errorCode;
    if (message.callback === undefined) return undefined;
    const fields = new URLSearchParams({
      SmsSid: sid,
      SmsStatus: status,
      MessageStatus: status,
      To: message.to,
      MessageSid: sid,
      AccountSid: this.accountSid,
      From: message.from,
      ApiVersion: '2010-04-01',
    });
    if (errorCode !== undefined) fields.set('ErrorCode', String(errorCode));
    return this.post(message.callback, fields);
  }

  /** A signed request, as all of them are. */
  async post(url: string, fields: URLSearchParams): Promise<Response> {
    const post = this.#options.post ?? fetch;
    return post(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-twilio-signature': signatureOf(this.authToken, url, fields),
        'i-twilio-idempotency-token': `${fields.get('MessageSid')}-${fields.get('MessageStatus')}`,
      },
      body: fields.toString(),
    });
  }

  #path(): string {
    return `/2010-04-01/Accounts/${this.accountSid}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    this.requests.push(`${request.method} ${pathname}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { behaviours } = this;
    if (behaviours.silent) return;
    const credentials = Buffer.from(`${this.accountSid}:${this.authToken}`).toString('base64');
    if (request.headers.authorization !== `Basic ${credentials}`)
      return refuse(response, UNAUTHORIZED);
    if (behaviours.busy > 0) {
      behaviours.busy -= 1;
      return refuse(response, TOO_MANY, { 'retry-after': behaviours.retryAfter });
    }
    if (behaviours.broken > 0) {
      behaviours.broken -= 1;
      return refuse(response, INTERNAL);
    }
    if (pathname === `${this.#path()}.json`) {
      return json(response, 200, { sid: this.accountSid, status: 'active', type: 'Full' });
    }
    if (pathname === `${this.#path()}/Messages.json`) {
      if (request.method === 'GET') return json(response, 200, this.#list(searchParams));
      return this.#create(new URLSearchParams(Buffer.concat(chunks).toString()), response);
    }
    if (pathname.includes('/Media')) {
      return this.#answerMedia(request.method ?? 'GET', pathname, response);
    }
    const [, sid] = /\/Messages\/(\w+)\.json$/.exec(pathname) ?? [];
    const message = this.messages.find((one) => one.sid === sid);
    if (message === undefined) return refuse(response, NOT_FOUND);
    json(response, 200, this.#shown(message));
  }

  /** What there is of a file with `.json` behind its path, the file itself without. */
  #answerMedia(method: string, pathname: string, response: ServerResponse): void {
    const [, message = '', sid, ending] =
      /\/Messages\/(\w+)\/Media(?:\/(\w+))?(\.json)?$/.exec(pathname) ?? [];
    if (sid === undefined) {
      const keys = [...this.media.keys()].filter((key) => key.startsWith(`${message}/`));
      const uri = `${this.#path()}/Messages/${message}/Media.json`;
      const shown = keys.map((key) => this.#shownMedium(key));
      return json(response, 200, { media_list: shown, ...pageOf(uri, shown.length) });
    }
    const key = `${message}/${sid}`;
    const medium = this.media.get(key);
    if (medium === undefined) return refuse(response, NOT_FOUND);
    if (method === 'DELETE') {
      this.media.delete(key);
      response.writeHead(204).end();
    } else if (ending !== undefined) json(response, 200, this.#shownMedium(key));
    else response.writeHead(200, { 'content-type': medium.type }).end(medium.data);
  }

  #shownMedium(key: string): Readonly<Record<string, unknown>> {
    const [parent = '', sid = ''] = key.split('/');
    const message = this.messages.find((one) => one.sid === parent);
    const time = rfc2822(message?.createdAt ?? new Date());
    return {
      account_sid: this.accountSid,
      content_type: this.media.get(key)?.type ?? null,
      date_created: time,
      date_updated: time,
      parent_sid: parent,
      sid,
      uri: `${this.#path()}/Messages/${parent}/Media/${sid}.json`,
    };
  }

  #create(fields: URLSearchParams, response: ServerResponse): void {
    const refusal = refusalOf(fields);
    if (refusal !== undefined) return refuse(response, refusal);
    const message = this.#message({
      sid: sidOf(fields.getAll('MediaUrl').length > 0 ? 'mms' : 'message', (this.#serial += 1)),
      from: fields.get('From') ?? '',
      to: fields.get('To') ?? '',
      body: fields.get('Body') ?? '',
      media: fields.getAll('MediaUrl'),
      direction: 'outbound-api',
      callback: fields.get('StatusCallback') ?? undefined,
      messagingServiceSid: fields.get('MessagingServiceSid') ?? undefined,
      status: 'queued',
    });
    this.messages.push(message);
    if (this.behaviours.mute > 0) {
      this.behaviours.mute -= 1;
      response.destroy();
    } else json(response, 201, this.#shown(message));
    this.#track(this.#goOn(message));
  }

  /** What happens to a text by itself, in order. */
  async #goOn({ sid, from, to, body, media, fetched }: TwilioMessage): Promise<void> {
    for (const url of this.behaviours.fetches ? media : []) {
      const answer = await fetch(url);
      if (!answer.ok) return void (await this.tell(sid, 'failed', 11_200));
      const type = answer.headers.get('content-type') ?? '';
      const size = answer.headers.get('content-length') ?? '';
      fetched.push({ type, size, data: Buffer.from(await answer.arrayBuffer()) });
    }
    const { statuses, errorCode } = this.behaviours.outcome(to);
    for (const status of statuses) {
      await this.tell(sid, status, /undelivered|failed/.test(status) ? errorCode : undefined);
    }
    if (this.behaviours.echo) await this.text(to, from, body);
  }

  #track(work: Promise<unknown>): void {
    const settled = work.catch(() => undefined).finally(() => this.#working.delete(settled));
    this.#working.add(settled);
  }

  #message(
    fields: Pick<TwilioMessage, 'sid' | 'from' | 'to' | 'body' | 'direction' | 'status'> &
      Partial<TwilioMessage>,
  ): TwilioMessage {
    return {
      media: [],
      fetched: [],
      callback: undefined,
      messagingServiceSid: undefined,
      createdAt: new Date(),
      errorCode: undefined,
      ...fields,
    };
  }

  #list(query: URLSearchParams): object {
    const found = this.messages
      .filter(
        ({ to, from }) => (query.get('To') ?? to) === to && (query.get('From') ?? from) === from,
      )
      .toReversed()
      .slice(0, Number(query.get('PageSize') ?? '50'));
    const uri = `${this.#path()}/Messages.json`;
    return {
      messages: found.map((message) => this.#shown(message)),
      ...pageOf(uri, found.length),
    };
  }

  /** A message as the API shows it: exactly these 20 fields. */
  #shown(message: TwilioMessage): Readonly<Record<string, unknown>> {
    const uri = `${this.#path()}/Messages/${message.sid}`;
    const time = rfc2822(message.createdAt);
    return {
      account_sid: this.accountSid,
      api_version: '2010-04-01',
      body: message.body,
      date_created: time,
      date_sent: message.status === 'queued' ? null : time,
      date_updated: time,
      direction: message.direction,
      error_code: message.errorCode ?? null,
      error_message: null,
      from: message.from,
      messaging_service_sid: message.messagingServiceSid ?? null,
      num_media: String(message.media.length),
      num_segments: '1',
      price: null,
      price_unit: 'USD',
      sid: message.sid,
      status: message.status,
      subresource_uris: { media: `${uri}/Media.json` },
      to: message.to,
      uri: `${uri}.json`,
    };
  }
}

/** What stands around a list: all of it is on the first page. */
function pageOf(uri: string, count: number): Readonly<Record<string, unknown>> {
  return {
    first_page_uri: `${uri}?PageSize=50&Page=0`,
    next_page_uri: null,
    previous_page_uri: null,
    page: 0,
    page_size: 50,
    start: 0,
    end: count - 1,
    uri,
  };
}

const rfc2822 = (time: Date): string => time.toUTCString().replace('GMT', '+0000');

function json(response: ServerResponse, status: number, value: object, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, { status, code, message }: Refusal, headers = {}): void {
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  json(response, status, { code, message, more_info, status }, headers);
}
