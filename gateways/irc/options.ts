import { isIP } from 'node:net';
import * as z from 'zod';
import { DEFAULT_CHARSET, isCharset } from './charset.ts';
import { isHostName } from './names.ts';

const throttle = z.strictObject({
  burst: z.int().min(1).max(1_000_000).default(10).describe('Lines that may be sent at once.'),
  perSecond: z
    .number()
    .positive()
    .max(1_000_000)
    .default(1)
    .describe('Lines a second after the burst is used up.'),
});

const host = z
  .string()
  .refine((text) => isHostName(text) || isIP(text) !== 0, 'must be a host name or an IP address');

const port = z.int().min(1).max(65_535).default(6697).describe('TCP port.');
const tls = z.boolean().default(true).describe('Connect with TLS from the first byte.');

const server = z.strictObject({
  host: host.describe('Host name or IP address of the IRC server.'),
  port,
  tls,
  ca: z
    .string()
    .min(1)
    .optional()
    .describe('File with certificates (PEM) to trust for this server besides the public ones.'),
  verify: z
    .boolean()
    .default(true)
    .describe('Check the certificate and its host name. Turn off only for tests.'),
  password: z.string().min(1).optional().describe('Password of the server itself (PASS).'),
  webirc: z
    .strictObject({
      password: z
        .string()
        .regex(/^[^\s:]\S*$/, 'must be without spaces, and not begin with a colon')
        .describe('Password of this gateway, as the IRC server has it.'),
    })
    .optional()
    .describe(
      'The server trusts this gateway to say where its users come from (WEBIRC): each gets a host and an address of her own.',
    ),
  charset: z
    .string()
    .refine(isCharset, 'must be the name of a character set, as koi8-r')
    .default(DEFAULT_CHARSET)
    .describe('How lines are read that are not UTF-8.'),
  fallbacks: z
    .array(z.strictObject({ port, tls }))
    .default([])
    .describe('Ports to try in turn after the first.'),
  certificate: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with a certificate and its key (PEM) that all users show to this server; those who give no password then sign in by it (SASL EXTERNAL).',
    ),
  name: z.string().min(1).optional().describe('Name shown to users; by default the key.'),
  throttle: throttle.optional().describe('Another throttle for this server.'),
});

const milliseconds = (value: number) => z.int().min(1).max(86_400_000).default(value);

const timings = z.strictObject({
  connectTimeoutMs: milliseconds(20_000).describe('Time for one connection to stand.'),
  registrationTimeoutMs: milliseconds(60_000).describe('Time for a server to welcome a user.'),
  pingIntervalMs: milliseconds(60_000).describe('Silence after which the server is pinged.'),
  pingTimeoutMs: milliseconds(30_000).describe('Silence after that until it counts as dead.'),
  idleMs: milliseconds(120_000).describe(
    'How long a connection without rooms and private messages is kept.',
  ),
  reconnectMinMs: milliseconds(1_000).describe('First wait before connecting again.'),
  reconnectMaxMs: milliseconds(300_000).describe('Longest wait before connecting again.'),
});

/** Everything an administrator can set for an IRC gateway. */
export const ircOptions = z.strictObject({
  registration: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('Whether users must register before they may join channels and write.'),
  servers: z
    .record(
      z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'lower case letters, digits, "-", "."'),
      server,
    )
    .default({})
    .describe('Known servers by short name: "#channel%name".'),
  otherServers: z
    .boolean()
    .default(true)
    .describe(
      'Let users reach any other public IRC server by host name (TLS on 6697, then plain on 6667). Addresses of the own network are never reached that way.',
    ),
  maxServersPerUser: z.int().min(1).default(20).describe('Connections one user may have.'),
  maxRoomsPerUser: z.int().min(1).default(200).describe('Channels one user may be in.'),
  throttle: throttle.prefault({}).describe('How fast lines go out on one connection.'),
  timings: timings.prefault({}).describe('Waiting times; the defaults suit public servers.'),
});

export type IrcOptions = z.output<typeof ircOptions>;
export type ThrottleOptions = z.output<typeof throttle>;
