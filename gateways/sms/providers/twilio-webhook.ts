import type { Desk } from '../provider.ts';
import type { TwilioOptions } from '../provider-options.ts';
import type { TextState } from '../text-state.ts';
import type { TwilioClient } from './twilio-client.ts';
import { detailOf, failureReason } from './twilio-errors.ts';
import { receivedFiles } from './twilio-media.ts';
import type { ReceivedFile } from './twilio-media.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Every status of the API; `sent` may be the last that is told. */
const STATES: Readonly<Record<string, TextState>> = {
  accepted: 'queued',
  scheduled: 'queued',
  queued: 'queued',
  sending: 'queued',
  sent: 'sent',
  partially_delivered: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

export interface WebhookParts {
  readonly options: TwilioOptions;
  readonly client: TwilioClient;
  readonly desk: Desk;
  /** Called once a text is on disk here. */
  readonly stored: (sid: string, files: readonly ReceivedFile[]) => void;
}

/** Texts and statuses as Twilio tells them: 200 only when they are on disk, so that it may forget them. */
export async function answerWebhook(request: Request, parts: WebhookParts): Promise<Response> {
  if (request.method !== 'POST') return plain(405, 'Only POST', { allow: 'POST' });
  if (parts.desk.hookUrl === undefined) return plain(503, 'http.publicUrl is not set');
  const type = (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== FORM) return plain(415, `Only ${FORM}`);
  const fields = new Map(new URLSearchParams(await request.text()));
  const signature = request.headers.get('x-twilio-signature') ?? '';
  const { client, desk, options } = parts;
  if (!(await client.isSigned(signature, request.url, Object.fromEntries(fields)))) {
    desk.log.warn('refused a webhook with a wrong signature: look at authToken and http.publicUrl');
    return plain(403, 'The signature is wrong');
  }
  if ((fields.get('AccountSid') ?? options.accountSid) !== options.accountSid) {
    return plain(403, 'Another account');
  }
  const status = fields.get('MessageStatus') ?? fields.get('SmsStatus');
  const ticket = new URL(request.url).searchParams.get('ticket');
  if (ticket !== null)
    return status === undefined ? plain(400, 'No status') : report(ticket, status, fields, desk);
  return receive(fields, parts);
}

async function report(
  ticket: string,
  status: string,
  fields: ReadonlyMap<string, string>,
  desk: Desk,
): Promise<Response> {
  const state = STATES[status];
  if (state === undefined) {
    desk.log.info({ status }, 'Twilio told a status that is not known');
    return nothing();
  }
  const code = Number(fields.get('ErrorCode')) || undefined;
  await desk.reported({
    ticket,
    state,
    ...(state === 'failed'
      ? {
          failure: {
            reason: failureReason(code),
            detail: detailOf(code, fields.get('ErrorMessage')),
          },
        }
      : {}),
  });
  return nothing();
}

async function receive(
  fields: ReadonlyMap<string, string>,
  { desk, options, stored }: WebhookParts,
): Promise<Response> {
  const id = fields.get('MessageSid') ?? fields.get('SmsMessageSid') ?? fields.get('SmsSid');
  const from = fields.get('From');
  const to = fields.get('To');
  if (id === undefined || from === undefined || to === undefined) {
    return plain(400, 'MessageSid, From and To are needed');
  }
  const optOutType = fields.get('OptOutType')?.toLowerCase();
  const files = receivedFiles(fields, options);
  const reception = await desk.received({
    id,
    from,
    to,
    text: fields.get('Body') ?? '',
    ...(files.length === 0 ? {} : { files: files.map(({ file }) => file) }),
    ...(optOutType === 'stop' || optOutType === 'start' ? { optOut: optOutType } : {}),
  });
  if (reception === 'unknown-number') return plain(404, 'Nobody has this number');
  stored(id, files);
  return nothing();
}

/** TwiML that does nothing: no answer goes to the phone. */
const nothing = (): Response =>
  new Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', {
    headers: { 'content-type': 'text/xml; charset=utf-8' },
  });

const plain = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain', ...headers } });
