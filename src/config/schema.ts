import { z } from 'zod';
import { parseJid } from '../xmpp/jid.ts';

const port = z.int().min(1).max(65_535);

const domain = z
  .string()
  .refine((text) => parseJid(text)?.full === text, { error: 'is not a domain in lower case' });

const jidOrDomain = z
  .string()
  .refine((text) => parseJid(text) !== undefined, { error: 'is neither a domain nor a JID' });

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

/** The configuration, once variables and secret files have been put in (see the README for its meaning). */
export const configSchema = z.strictObject({
  jabber: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Where the Jabber server listens.'),
      port: port.default(5347).describe('Its port for components.'),
      tls: z.boolean().default(false).describe('Whether that port speaks TLS.'),
    })
    .prefault({}),
  admins: z.array(jidOrDomain).default([]).describe('JIDs of administrators.'),
  data: z.string().min(1).default('./data').describe('Folder for the database and the key file.'),
  database: z
    .string()
    .refine((text) => text === 'sqlite', {
      error: 'must be sqlite: PostgreSQL is not supported in this version',
    })
    .default('sqlite'),
  http: z
    .strictObject({
      listen: z.string().default('127.0.0.1:8787').describe('Address and port to listen on.'),
      publicUrl: z.url().optional().describe('Where the outside reaches it.'),
    })
    .optional()
    .describe('For networks that need a web server; IRC does not.'),
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
  gateways: z.array(gateway).min(1, { error: 'must have at least one gateway' }),
});

export type ConfigValues = z.output<typeof configSchema>;
