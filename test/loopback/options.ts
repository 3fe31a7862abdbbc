import { z } from 'zod';

/** Methods of a session, and parts of a message, that this network has: all there are. */
export const FEATURES = [
  'edit',
  'retract',
  'react',
  'mark',
  'typing',
  'presence',
  'changeContact',
  'watch',
  'lookup',
  'rooms',
  'join',
  'leave',
  'rename',
  'setSubject',
  'moderate',
  'exclusions',
  'invite',
  'reply',
  'thread',
  'styles',
  'subject',
  'receipts',
  'files',
  'also',
] as const;

/** Others are there when a test asks for them. */
const USUAL = FEATURES.filter((name) => name !== 'files' && name !== 'also');

export const loopbackOptions = z.strictObject({
  registration: z
    .enum(['optional', 'required'])
    .default('optional')
    .describe('Whether users must register before they may join rooms and write.'),
  world: z
    .string()
    .min(1)
    .default('loopback')
    .describe('Users of gateways with the same world meet each other.'),
  networks: z
    .record(z.string().regex(/^[a-z0-9]{1,20}$/), z.strictObject({ name: z.string().min(1) }))
    .default({})
    .describe('Further networks by short name: "#room%moon".'),
  features: z
    .array(z.enum(FEATURES))
    .default(USUAL)
    .describe('What users can do; by default everything but files and several recipients.'),
  delivery: z
    .enum(['live', 'stored'])
    .default('live')
    .describe('Whether messages are on disk before they go on.'),
  alwaysOn: z.boolean().default(false).describe('Whether sessions are open from start to stop.'),
  contactIdentity: z.enum(['account', 'phone']).optional().describe('What contacts are in disco.'),
  maxFiles: z.int().positive().optional().describe('How many files go with a message.'),
  maxFileBytes: z.int().positive().optional().describe('How large a file may be.'),
  needs: z
    .array(z.string().regex(/^[a-z-]+$/))
    .default([])
    .describe('Further fields that the first step of a registration requires.'),
  page: z
    .boolean()
    .default(false)
    .describe('Whether a registration begins with a page on the web.'),
  steps: z
    .array(z.enum(['details', 'link']))
    .default([])
    .describe('What a registration asks for after the first step.'),
});

export type LoopbackOptions = z.output<typeof loopbackOptions>;
