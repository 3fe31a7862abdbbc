import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import * as z from 'zod';

const hostPattern =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

const host = z
  .string()
  .refine(
    (text) => hostPattern.test(text) || isIP(text) !== 0,
    'must be a host name or an IP address',
  );

const domain = z
  .string()
  .transform((text) => domainToASCII(text))
  .pipe(z.string().regex(hostPattern, 'must be a domain'));

const security = z
  .enum(['tls', 'starttls', 'none'])
  .default('tls')
  .describe('TLS from the first byte, TLS after STARTTLS (never without), or none.');

const server = z.strictObject({
  host: host.describe('Host name or IP address.'),
  port: z.int().min(1).max(65_535).describe('TCP port.'),
  security,
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('File with certificates (PEM) to trust for this server besides the public ones.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Check the certificate and its host name. Turn off only for tests.'),
});

const oauth = z.strictObject({
  preset: z
    .enum(['google', 'microsoft'])
    .optional()
    .describe('Takes the addresses and the scope of Google or Microsoft.'),
  clientId: z.string().min(1).describe('The id of this gateway as a client of the provider.'),
  clientSecret: z.string().min(1).optional().describe('The secret of that client.'),
  authorizeUrl: z.url().optional().describe('Where users give their consent.'),
  tokenUrl: z.url().optional().describe('Where tokens are fetched.'),
  scope: z.string().optional().describe('What is asked for.'),
});

const provider = z.strictObject({
  domain: domain.describe('Mail addresses of this domain are at this provider.'),
  imap: server.optional().describe('Where mail is read; may be absent with a preset of oauth.'),
  smtp: server.optional().describe('Where mail is handed in.'),
  userName: z
    .enum(['address', 'local'])
    .default('address')
    .describe('Users sign in with the whole address, or with what is before the at sign.'),
  filesSent: z
    .boolean()
    .default(false)
    .describe('The provider itself puts what was sent into the folder for it, as Google does.'),
  oauth: oauth.optional().describe('Users give consent in the browser instead of a password.'),
});

const port = z
  .string()
  .regex(/^(\[[0-9a-f:]+\]|[^:]+):\d{1,5}$/i, 'must be host:port, as in 127.0.0.1:2525');

const relay = z.strictObject({
  host: host.describe('The mail server that takes what users send.'),
  port: z.int().min(1).max(65_535).default(25).describe('TCP port.'),
  security: security.default('starttls'),
  ca: z.string().min(1).optional().describe('File with certificates (PEM) to trust.'),
  verify: z.boolean().default(true).describe('Check the certificate and its host name.'),
  user: z.string().min(1).optional().describe('User name, where the relay wants one.'),
  password: z.string().min(1).optional().describe('The password for it.'),
});

const ownDomain = z.strictObject({
  domain: domain.describe('Addresses are <name>@<this domain>.'),
  listen: port.describe('Where mail comes in, host:port.'),
  protocol: z
    .enum(['smtp', 'lmtp'])
    .default('smtp')
    .describe('SMTP from the world, or LMTP from a mail server in front.'),
  relay: relay.describe('Where mail goes out.'),
  reserved: z
    .array(z.string())
    .default([])
    .describe('Names that no user can have, besides postmaster, abuse and the like.'),
  tls: z
    .strictObject({
      cert: z.string().min(1).describe('File with the certificate chain (PEM).'),
      key: z.string().min(1).describe('File with its key (PEM).'),
    })
    .optional()
    .describe('Offer STARTTLS with this certificate.'),
  dkim: z
    .strictObject({
      selector: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        .default('causeway')
        .describe('The selector of the DNS record.'),
      key: z
        .string()
        .min(1)
        .optional()
        .describe(
          'File with the private key (PEM); by default the gateway makes one and keeps it.',
        ),
    })
    .prefault({})
    .describe('How outgoing mail is signed.'),
  verify: z
    .boolean()
    .default(true)
    .describe(
      'Look at SPF, DKIM and DMARC of what comes in by SMTP, and refuse what DMARC refuses.',
    ),
  maxRecipients: z.int().min(1).max(1_000).default(50).describe('Recipients of one mail.'),
  maxClients: z
    .int()
    .min(1)
    .default(100)
    .describe('Connections at a time; a quarter of them from one address, unless by LMTP.'),
});

const milliseconds = (value: number) => z.int().min(1).max(86_400_000).default(value);

const timings = z.strictObject({
  connectTimeoutMs: milliseconds(15_000).describe('Time for one connection to stand.'),
  socketTimeoutMs: milliseconds(90_000).describe(
    'Silence after which a connection counts as dead.',
  ),
  answerMs: milliseconds(600_000).describe(
    'How long a mail server may take to say whether it takes a mail.',
  ),
  laterMs: milliseconds(60_000).describe(
    'First wait before a mail is sent again for a recipient who could not be reached.',
  ),
  idleMs: milliseconds(270_000).describe('How often IDLE is begun anew.'),
  pollMs: milliseconds(60_000).describe(
    'How often other folders are looked at, and the inbox of servers without IDLE.',
  ),
  reconnectMinMs: milliseconds(1_000).describe('First wait before connecting again.'),
  reconnectMaxMs: milliseconds(300_000).describe('Longest wait before connecting again.'),
  digestMs: milliseconds(3_600_000).describe('How often newsletters are told of.'),
});

/** Everything an administrator can set for an e-mail gateway. */
export const emailOptions = z.strictObject({
  providers: z
    .array(provider)
    .default([])
    .describe('Known mail providers, so that users give only address and password.'),
  otherProviders: z
    .boolean()
    .default(true)
    .describe(
      'Let users have their mailbox anywhere; its servers are found out or asked for. Addresses of the own network are never reached that way.',
    ),
  ownMailboxes: z
    .boolean()
    .default(true)
    .describe('Let users sign in to mailboxes of their own (IMAP and SMTP).'),
  ownDomain: ownDomain
    .optional()
    .describe('The gateway has a mail domain, and each user an address there.'),
  dns: z
    .array(
      z
        .string()
        .regex(
          /^([\d.]+|\[[0-9a-f:]+\]|[0-9a-f:]+:[0-9a-f:]*)(:\d{1,5})?$/i,
          'must be an IP address',
        ),
    )
    .default([])
    .describe(
      'DNS servers, with a port if need be, that are asked about mail domains: servers, autoconfiguration, SPF, DKIM and DMARC. By default those of the system.',
    ),
  trustedHosts: z
    .array(host)
    .default([])
    .describe(
      'Hosts that users and mail domains may name though they are in the own network: your mail servers, the web server of your autoconfiguration.',
    ),
  subject: z
    .string()
    .max(200)
    .default('Message from {name}')
    .describe('Subject of a mail for which neither the user nor the thread gives one.'),
  limits: z
    .strictObject({
      inboundBytes: z
        .int()
        .min(10_000)
        .default(26_214_400)
        .describe('Larger mails are only told of.'),
      outboundBytes: z.int().min(10_000).default(26_214_400).describe('Of all files of a mail.'),
      burst: z.int().min(1).default(30).describe('Mails that a user may send at once.'),
      perMinute: z.number().positive().default(20).describe('Mails a minute after that.'),
      connections: z.int().min(1).max(20).default(2).describe('SMTP connections of one user.'),
    })
    .prefault({})
    .describe('How much and how fast.'),
  timings: timings.prefault({}).describe('Waiting times; the defaults suit public servers.'),
});

export type EmailOptions = z.output<typeof emailOptions>;
export type ProviderOptions = z.output<typeof provider>;
export type OwnDomainOptions = z.output<typeof ownDomain>;
export type OauthOptions = z.output<typeof oauth>;
export type Security = z.output<typeof security>;
export type Timings = EmailOptions['timings'];

/** A server and how it is reached. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  readonly ca?: string | undefined;
  readonly verify: boolean;
  /** It was named by the administrator, and may be in the own network. */
  readonly isTrusted: boolean;
}
