import * as z from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const webhookSecret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,}$/, 'must be at least 8 letters, digits, "-" or "_"');

const twilio = z.strictObject({
  type: z.literal('twilio'),
  accountSid: z.string().min(1).describe('Account SID, "AC" and 32 digits.'),
  authToken: z
    .string({ error: 'is missing: without it no webhook could be told from a forgery' })
    .min(1, 'is empty: without it no webhook could be told from a forgery')
    .describe('Auth token; also proves that webhooks come from Twilio.'),
  apiUrl: url.optional().describe('Another base URL of the API, for tests.'),
  webhookSecret: webhookSecret
    .optional()
    .describe('One more segment of the path of webhooks, as a second factor.'),
  messagingServiceSid: z.string().min(1).optional().describe('Send by this Messaging Service.'),
  deleteMedia: z.boolean().default(true).describe('Delete pictures at Twilio once they are here.'),
});

const smpp = z.strictObject({
  type: z.literal('smpp'),
  host: z.string().min(1).describe('Host of the SMSC.'),
  port: z.int().min(1).max(65_535).default(2775).describe('TCP port.'),
  tls: z.boolean().default(false).describe('Connect with TLS.'),
  systemId: z.string().min(1).max(15).describe('system_id of the bind.'),
  password: z
    .string()
    .max(8)
    .default('')
    .describe('Password of the bind; SMPP has room for 8 characters.'),
  systemType: z.string().max(12).default('').describe('system_type of the bind.'),
  longTexts: z
    .enum(['udh', 'payload'])
    .default('udh')
    .describe('How texts of several parts go: each part by itself, or whole in message_payload.'),
  enquireLinkMs: z.int().min(10).default(30_000).describe('Silence after which the link is tried.'),
  responseTimeoutMs: z.int().min(10).default(20_000).describe('Time for the SMSC to answer.'),
  reconnectMinMs: z.int().min(1).default(1_000).describe('First wait before binding again.'),
  reconnectMaxMs: z.int().min(1).default(60_000).describe('Longest wait before binding again.'),
});

const kannel = z.strictObject({
  type: z.literal('kannel'),
  sendUrl: url.describe('URL of sendsms, such as http://127.0.0.1:13013/cgi-bin/sendsms.'),
  username: z.string().min(1).describe('User of the sendsms-user group.'),
  password: z.string().min(1).describe('Its password.'),
  smsc: z.string().min(1).optional().describe('smsc-id to route by.'),
  webhookSecret: webhookSecret.describe(
    'Last segment of the path of webhooks; the only thing that proves that they come from Kannel.',
  ),
  callbackUrl: url
    .optional()
    .describe('Where Kannel reaches this gateway, if that is not http.publicUrl.'),
});

const gammu = z.strictObject({
  type: z.literal('gammu'),
  inbox: z.string().min(1).describe('inboxpath of gammu-smsd.'),
  outbox: z.string().min(1).describe('outboxpath of gammu-smsd.'),
  sent: z.string().min(1).describe('sentsmspath of gammu-smsd; not the outbox.'),
  errors: z.string().min(1).describe('errorsmspath of gammu-smsd; not the outbox.'),
  number: z
    .string()
    .regex(/^\+[1-9]\d{5,14}$/, 'must be a number in the form "+15005550006"')
    .describe('The number of the card in the modem.'),
  pollMs: z.int().min(10).default(1_000).describe('How often the folders are looked at.'),
});

export const provider = z.discriminatedUnion('type', [twilio, smpp, kannel, gammu]);

export type ProviderOptions = z.output<typeof provider>;
export type TwilioOptions = z.output<typeof twilio>;
export type SmppOptions = z.output<typeof smpp>;
export type KannelOptions = z.output<typeof kannel>;
export type GammuOptions = z.output<typeof gammu>;
