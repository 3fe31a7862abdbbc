import * as z from 'zod';
import { parseJid } from '../xmpp/jid.ts';

const port = z.int().min(1).max(65_535);

const domain = z
  .string()
  .refine((text) => parseJid(text)?.full === text, { error: 'is not a domain in lower case' });

const jidOrDomain = z
  .string()
  .refine((text) => parseJid(text) !== undefined, { error: 'is neither a domain nor a JID' });

const count = (byDefault: number, text: string): z.ZodDefault<z.ZodInt> =>
  z.int().min(1).max(1_000_000_000).default(byDefault).describe(text);

const gateway = z.strictObject({
  use: z
    .string()
    .min(1)
    .describe('The network: irc, or the name of an npm package that is a gateway.'),
  domain: domain.describe('The domain under which the Jabber server knows this component.'),
  secret: z
    .string({
      error: 'is missing: write secret: ${NAME} for an environment variable or { file: path }',
    })
    .min(1, { error: 'is empty' })
    .describe('The secret that the Jabber server has for this component.'),
  options: z.unknown().optional().describe('What the network itself needs to know.'),
});

/** Without a name there is no database. */
function isPostgres(text: string): boolean {
  return /^postgres(ql)?:$/.test(protocolOf(text)) && new URL(text).pathname.length > 1;
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

/** The configuration, once variables and secret files have been put in (see the README for its meaning). */
export const configSchema = z.strictObject({
  jabber: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Where the Jabber server listens.'),
      port: port.default(5347).describe('Its port for components.'),
      tls: z.boolean().default(false).describe('Whether that port speaks TLS.'),
    })
    .prefault({}),
  language: z
    .enum(['en', 'de'])
    .default('en')
    .describe(
      'The language of users who have chosen none, and whose clients say English or nothing. Gajim, Dino and Profanity say English whatever language they are in.',
    ),
  admins: z.array(jidOrDomain).default([]).describe('JIDs of administrators.'),
  data: z.string().min(1).default('./data').describe('Folder for the database and the key file.'),
  database: z
    .string()
    .refine((text) => text === 'sqlite' || isPostgres(text), {
      error: 'must be sqlite, or an address such as postgres://user:password@host/name',
    })
    .default('sqlite')
    .describe(
      'Where everything is kept: sqlite (a file in the data folder), or the address of a database of PostgreSQL.',
    ),
  http: z
    .strictObject({
      listen: z
        .string()
        .regex(/^(\[[0-9a-f:]+\]|[\w.-]*):\d{1,5}$/i, {
          error: 'is not an address with a port, such as 127.0.0.1:8787',
        })
        .default('127.0.0.1:8787')
        .describe('Address and port to listen on.'),
      publicUrl: z
        .url({ protocol: /^https?$/, error: 'is not an address such as https://gw.example.org' })
        .transform((url) => url.replace(/\/+$/, ''))
        .optional()
        .describe('Where the outside reaches it: files, webhooks and log-ins need that.'),
    })
    .optional()
    .describe('The web server: health, metrics, files and webhooks. Without it, nothing listens.'),
  registration: z
    .strictObject({
      allow: z
        .array(jidOrDomain)
        .optional()
        .describe('Domains or JIDs that may use the gateways; default: the parent of each domain.'),
    })
    .prefault({}),
  archive: z
    .strictObject({
      rooms: z
        .boolean()
        .default(true)
        .describe('Whether what is said in rooms is kept, for each user who is in them.'),
      keepDays: z
        .int()
        .min(0)
        .max(36_500)
        .default(30)
        .describe('For how many days; 0 is without end.'),
    })
    .prefault({})
    .describe('The history of rooms, which users see when they come in and can search.'),
  delivery: z
    .strictObject({
      expireHours: z
        .number()
        .positive()
        .max(8_760)
        .default(24)
        .describe('How long a message is tried before its sender gets an error.'),
      keepDays: z
        .int()
        .min(1)
        .max(3_650)
        .default(30)
        .describe('For how many days messages are remembered, so that none is told twice.'),
    })
    .prefault({})
    .describe('Messages of networks that must not lose any: e-mail and SMS.'),
  media: z
    .strictObject({
      maxMegabytes: z
        .number()
        .positive()
        .max(10_000)
        .default(25)
        .describe('The largest file, either way.'),
      quotaMegabytes: z
        .number()
        .positive()
        .default(2_048)
        .describe(
          'How much is kept in all, half of it for one user at most; beyond it users are told only that there was a file.',
        ),
      keepDays: z.int().min(1).max(3_650).default(30).describe('How long files are kept.'),
      types: z
        .array(z.string().regex(/^(\*|[\w.+-]+)\/(\*|[\w.+-]+)$/, { error: 'is no type of files' }))
        .default(['*/*'])
        .describe('Types of files that users may send: image/*, application/pdf.'),
      trustedHosts: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Hosts, with port if need be, that files are fetched from though they are not on the public Internet: your upload service.',
        ),
    })
    .prefault({})
    .describe('Files that go with messages.'),
  limits: z
    .strictObject({
      users: count(20_000, 'Users with something under way, on all gateways together.'),
      roomsPerUser: count(500, 'Rooms that one user may be in.'),
      resourcesPerUser: count(50, 'Resources of one user that may be there.'),
      stanzasPerSecond: count(100, 'Messages, questions and joins of one user, for long.'),
      stanzaBurst: count(2_000, 'The same, in a burst.'),
      textCharacters: count(100_000, 'Length of one message.'),
    })
    .prefault({})
    .describe('How much one user, and all together, may take up; beyond it there are errors.'),
  gateways: z.array(gateway).min(1, { error: 'must have at least one gateway' }),
});

export type ConfigValues = z.output<typeof configSchema>;
