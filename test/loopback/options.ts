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
] as const;

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
    .default([...FEATURES])
    .describe('What users can do; by default everything.'),
  needs: z
    .array(z.string().regex(/^[a-z-]+$/))
    .default([])
    .describe('Further fields that the first step of a registration requires.'),
  steps: z
    .array(z.enum(['details', 'link']))
    .default([])
    .describe('What a registration asks for after the first step.'),
});

export type LoopbackOptions = z.output<typeof loopbackOptions>;
