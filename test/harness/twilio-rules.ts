import { createHmac } from 'node:crypto';

/** An answer of the API that is no success: HTTP status, Twilio's code, its words. */
export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const refusal = (code: number, message: string, status = 400): Refusal => ({
  status,
  code,
  message,
});

/** Numbers that bring an error when texts go to them (those of Twilio's test credentials). */
const MAGIC_TO: Readonly<Record<string, Refusal>> = {
  '+15005550001': refusal(21211, "The 'To' number +15005550001 is not a valid phone number."),
  '+15005550002': refusal(21612, "The 'To' phone number cannot be reached from this 'From'."),
  '+15005550003': refusal(21408, 'Permission to send an SMS has not been enabled for the region'),
  '+15005550004': refusal(21610, 'Attempt to send to unsubscribed recipient'),
  '+15005550009': refusal(21614, "The 'To' number is not a mobile number."),
};

/** The same for numbers that texts come from. */
const MAGIC_FROM: Readonly<Record<string, Refusal>> = {
  '+15005550000': refusal(21606, "The 'From' phone number is not a valid, SMS-capable number"),
  '+15005550007': refusal(21606, "The 'From' phone number is not a valid, SMS-capable number"),
  '+15005550008': refusal(21611, "This 'From' number has exceeded the maximum of queued messages"),
};

export const UNAUTHORIZED = refusal(20003, 'Authenticate', 401);
export const TOO_MANY = refusal(20429, 'Too Many Requests', 429);
export const NOT_FOUND = refusal(20404, 'The requested resource was not found', 404);
export const INTERNAL = refusal(20500, 'An internal server error has occurred', 500);

/** What is wrong with the fields of a new message. */
export function refusalOf(fields: URLSearchParams): Refusal | undefined {
  const to = fields.get('To');
  const from = fields.get('From');
  const body = fields.get('Body') ?? '';
  if (!to) return refusal(21604, "A 'To' phone number is required.");
  if (!from && !fields.get('MessagingServiceSid')) {
    return refusal(21603, "A 'From' phone number is required.");
  }
  if (body.trim() === '' && fields.getAll('MediaUrl').length === 0) {
    return refusal(21602, 'Message body is required.');
  }
  if (Array.from(body).length > 1_600) {
    return refusal(21617, 'The concatenated message body exceeds the 1600 character limit.');
  }
  if (fields.getAll('MediaUrl').length > 10)
    return refusal(21623, 'Number of media files exceeds allowed limit');
  const callback = fields.get('StatusCallback');
  if (callback !== null && (!URL.canParse(callback) || new URL(callback).hostname.includes('_'))) {
    return refusal(21609, "The 'StatusCallback' URL is not a valid URL.");
  }
  return MAGIC_TO[to] ?? MAGIC_FROM[from ?? ''];
}

/** X-Twilio-Signature: the URL, then the fields in the order of their names, under the auth token. */
export function signatureOf(authToken: string, url: string, fields: URLSearchParams): string {
  const names = [...new Set(fields.keys())].toSorted();
  const data = names.map((name) =>
    [...new Set(fields.getAll(name))].map((value) => name + value).join(''),
  );
  return createHmac('sha1', authToken)
    .update(url + data.join(''))
    .digest('base64');
}

const PREFIXES = { message: 'SM', mms: 'MM', media: 'ME' } as const;

export const sidOf = (kind: keyof typeof PREFIXES, serial: number): string =>
  PREFIXES[kind] + serial.toString(16).padStart(32, '0');
