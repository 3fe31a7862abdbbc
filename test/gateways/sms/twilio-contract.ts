/**
 * The part of Twilio's REST API (version 2010-04-01) that this program depends on, in our own words: what may be sent, and
 * what must come back. Checked once against the OpenAPI description that Twilio publishes, which names no errors.
 */

export type Format = 'phone-number' | 'uri' | 'uri-map' | 'rfc-2822' | 'currency';

export interface Property {
  readonly type: 'string' | 'integer' | 'object' | 'array';
  readonly format?: Format;
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  /** May be `null`. */
  readonly isNullable?: boolean;
  /** Must be sent. */
  readonly isRequired?: boolean;
  readonly items?: Properties;
}

export type Properties = Readonly<Record<string, Property>>;

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/2010-04-01`. */
  readonly path: string;
  readonly query?: Properties;
  readonly form?: Properties;
  readonly status: number;
  readonly reply?: Properties;
}

const text = { type: 'string', isNullable: true } as const;
const time = { ...text, format: 'rfc-2822' } as const;
const count = { type: 'integer' } as const;
const link = { type: 'string', format: 'uri' } as const;
const sid = (prefixes: string): Property => ({
  ...text,
  pattern: new RegExp(`^(${prefixes})[0-9a-fA-F]{32}$`),
});

const MESSAGE: Properties = {
  account_sid: sid('AC'),
  api_version: text,
  body: text,
  date_created: time,
  date_sent: time,
  date_updated: time,
  direction: {
    type: 'string',
    oneOf: ['inbound', 'outbound-api', 'outbound-call', 'outbound-reply'],
  },
  error_code: { type: 'integer', isNullable: true },
  error_message: text,
  from: { ...text, format: 'phone-number' },
  messaging_service_sid: sid('MG'),
  num_media: text,
  num_segments: text,
  price: text,
  price_unit: { ...text, format: 'currency' },
  sid: sid('SM|MM'),
  status: {
    type: 'string',
    oneOf: [
      'accepted',
      'scheduled',
      'queued',
      'sending',
      'sent',
      'delivered',
      'partially_delivered',
      'read',
      'undelivered',
      'failed',
      'canceled',
      'receiving',
      'received',
    ],
  },
  subresource_uris: { type: 'object', format: 'uri-map', isNullable: true },
  to: text,
  uri: text,
};

const MEDIUM: Properties = {
  account_sid: sid('AC'),
  content_type: text,
  date_created: time,
  date_updated: time,
  parent_sid: sid('SM|MM'),
  sid: sid('ME'),
  uri: text,
};

const PAGE: Properties = {
  first_page_uri: link,
  next_page_uri: { ...link, isNullable: true },
  previous_page_uri: { ...link, isNullable: true },
  page: count,
  page_size: count,
  start: count,
  end: count,
  uri: link,
};

const PAGING: Properties = { PageSize: count, Page: count, PageToken: { type: 'string' } };
const NUMBER: Property = { type: 'string', format: 'phone-number' };
const MESSAGES = '/Accounts/{AccountSid}/Messages';
const MEDIA = `${MESSAGES}/{MessageSid}/Media`;

export const CALLS = {
  'create a message': {
    method: 'POST',
    path: `${MESSAGES}.json`,
    form: {
      To: { ...NUMBER, isRequired: true },
      From: NUMBER,
      MessagingServiceSid: { type: 'string', pattern: /^MG[0-9a-fA-F]{32}$/ },
      Body: { type: 'string' },
      MediaUrl: { type: 'array' },
      StatusCallback: link,
    },
    status: 201,
    reply: MESSAGE,
  },
  'list messages': {
    method: 'GET',
    path: `${MESSAGES}.json`,
    query: { To: NUMBER, From: NUMBER, ...PAGING },
    status: 200,
    reply: { ...PAGE, messages: { type: 'array', items: MESSAGE } },
  },
  'fetch a message': {
    method: 'GET',
    path: `${MESSAGES}/{Sid}.json`,
    status: 200,
    reply: MESSAGE,
  },
  'list media': {
    method: 'GET',
    path: `${MEDIA}.json`,
    query: PAGING,
    status: 200,
    reply: { ...PAGE, media_list: { type: 'array', items: MEDIUM } },
  },
  'fetch a medium': {
    method: 'GET',
    path: `${MEDIA}/{Sid}.json`,
    status: 200,
    reply: MEDIUM,
  },
  'delete a medium': {
    method: 'DELETE',
    path: `${MEDIA}/{Sid}.json`,
    status: 204,
  },
} as const satisfies Readonly<Record<string, Call>>;

export type CallName = keyof typeof CALLS;
