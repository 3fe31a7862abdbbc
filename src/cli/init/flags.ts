/** The options of `causeway init`, for `parseArgs`. */
export const INIT_FLAGS = {
  domain: { type: 'string' },
  server: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  networks: { type: 'string' },
  admin: { type: 'string', multiple: true },
  'irc-domain': { type: 'string' },
  'email-domain': { type: 'string' },
  'sms-domain': { type: 'string' },
  'irc-server': { type: 'string', multiple: true },
  'email-imap': { type: 'string' },
  'email-smtp': { type: 'string' },
  'sms-provider': { type: 'string' },
  'sms-account': { type: 'string' },
  'sms-password-file': { type: 'string' },
  'sms-server': { type: 'string' },
  'sms-number': { type: 'string', multiple: true },
  'sms-region': { type: 'string' },
  'public-url': { type: 'string' },
  'show-secrets': { type: 'boolean' },
} as const;

/** What was given, by name. Several of one kind are one text, with commas. */
export type Given = Readonly<Record<string, string | undefined>>;
