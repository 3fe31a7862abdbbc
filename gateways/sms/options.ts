import * as z from 'zod';
import { provider } from './provider-options.ts';

const region = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be two capital letters, such as US')
  .describe('Country (ISO 3166) in which numbers without a country code and short codes are read.');

const jid = z
  .string()
  .regex(/^[^@\s]+@[^@\s/]+$/, 'must be the address of a user, such as alice@example.org')
  .transform((text) => text.toLowerCase());

/** What texts of ours may come from: a number, a short code, or a name. */
const ownNumber = z
  .string()
  .regex(
    /^(\+[1-9]\d{5,14}|\d{2,8}|(?=.*[A-Za-z])[A-Za-z0-9 .&_-]{1,11})$/,
    'must be a number in the form "+15005550006", a short code, or a name of up to 11 letters',
  );

const assignment = z.union([
  jid,
  z.array(jid).min(1),
  z.strictObject({
    users: z.array(jid).min(1).describe('Whose number it is; several share it.'),
    operator: jid.optional().describe('Who gets texts to it that belong to nobody.'),
    provider: z.string().min(1).optional().describe('The provider that carries it, by its name.'),
  }),
]);

const limits = z.strictObject({
  segmentsPerText: z.int().min(1).max(255).default(10).describe('The longest text, in segments.'),
  segmentsPerDay: z.int().min(0).default(500).describe('What each user may send in a day (UTC).'),
  segmentsPerMonth: z.int().min(0).default(5_000).describe('What each user may send in a month.'),
  countries: z.array(region).optional().describe('Countries that texts may go to; by default all.'),
  blocked: z
    .array(z.string().regex(/^\+?\d+$/, 'must be digits, such as +1900'))
    .default([])
    .describe('Beginnings of numbers that no text goes to.'),
  premium: z.boolean().default(false).describe('Let texts go to numbers that cost extra.'),
  shortCodes: z.boolean().default(false).describe('Let texts go to short codes.'),
  check: z
    .enum(['valid', 'possible', 'off'])
    .default('possible')
    .describe(
      'How numbers are checked before a text goes out: against known ranges, by length, or not.',
    ),
});

const claims = z.strictObject({
  from: ownNumber.describe('The number that sends the codes.'),
  provider: z
    .string()
    .min(1)
    .optional()
    .describe('The provider that sends them; by default the one by the routes.'),
});

const rate = z.strictObject({
  burst: z.int().min(1).default(50).describe('Segments that may go at once.'),
  perSecond: z.number().positive().default(50).describe('Segments a second after that.'),
});

const route = z
  .strictObject({
    prefix: z
      .string()
      .regex(/^\+?\d+$/)
      .optional()
      .describe('How the number of the recipient begins.'),
    user: jid.optional().describe('Who sends.'),
    provider: z.string().min(1).describe('The provider to take, by its name.'),
  })
  .refine(
    ({ prefix, user }) => prefix !== undefined || user !== undefined,
    'needs a prefix or a user',
  );

/** Everything an administrator can set for an SMS gateway. */
export const smsOptions = z.strictObject({
  region: region
    .optional()
    .describe(
      'Country (ISO 3166) in which numbers without a country code and short codes are read.',
    ),
  provider: provider.optional().describe('Who carries the texts.'),
  providers: z
    .record(z.string().regex(/^[a-z0-9-]+$/, 'lower case letters, digits and hyphens'), provider)
    .optional()
    .describe('Several providers by name, in the place of one.'),
  routes: z
    .array(route)
    .default([])
    .describe(
      'Which of several providers a text takes: the first that fits, else the first provider.',
    ),
  numbers: z
    .record(ownNumber, assignment)
    .default({})
    .describe('Numbers of this gateway and whose they are.'),
  operator: jid.optional().describe('Who gets texts to numbers that belong to nobody.'),
  claims: claims
    .optional()
    .describe('Let users register a number of their own, proved by a code sent to it.'),
  sharedWindowHours: z
    .number()
    .positive()
    .default(72)
    .describe('For how long the answer to a text from a shared number goes to whoever sent it.'),
  limits: limits.prefault({}).describe('What keeps costs down.'),
  rate: rate.prefault({}).describe('How fast segments leave from one number.'),
  smartEncoding: z
    .boolean()
    .default(false)
    .describe('Send plain quotes and dashes for typographic ones where that halves the cost.'),
});

export type SmsOptions = z.output<typeof smsOptions>;
export type Limits = z.output<typeof limits>;
