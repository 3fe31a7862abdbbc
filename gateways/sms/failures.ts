import type { NetworkErrorKind } from '../../src/plugin/index.ts';
import type { FailureReason } from './provider.ts';

/** What users' clients are told, besides the words. */
export const KINDS: Readonly<Record<FailureReason, NetworkErrorKind>> = {
  absent: 'absent',
  blocked: 'not-allowed',
  'bad-number': 'not-found',
  'bad-sender': 'refused',
  country: 'not-allowed',
  'opted-out': 'not-allowed',
  filtered: 'refused',
  expired: 'absent',
  'too-large': 'too-large',
  'bad-media': 'unsupported',
  unknown: 'refused',
};
