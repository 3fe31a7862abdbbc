import type { Language, NetworkError, NetworkErrorKind } from '../plugin/index.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import type { ErrorType, StanzaCondition } from '../xmpp/stanza-error.ts';

/** What a stanza gets for an answer when the network says no (XEP-0100 §4.8.2, XEP-0045 §7.2). */
const CONDITIONS: Readonly<
  Record<NetworkErrorKind, { readonly condition: StanzaCondition; readonly type: ErrorType }>
> = {
  credentials: { condition: 'not-authorized', type: 'auth' },
  unreachable: { condition: 'remote-server-timeout', type: 'wait' },
  'not-found': { condition: 'item-not-found', type: 'cancel' },
  absent: { condition: 'service-unavailable', type: 'cancel' },
  refused: { condition: 'forbidden', type: 'auth' },
  'not-allowed': { condition: 'not-allowed', type: 'cancel' },
  key: { condition: 'not-authorized', type: 'auth' },
  'members-only': { condition: 'registration-required', type: 'auth' },
  full: { condition: 'service-unavailable', type: 'wait' },
  conflict: { condition: 'conflict', type: 'cancel' },
  elsewhere: { condition: 'redirect', type: 'modify' },
  invalid: { condition: 'not-acceptable', type: 'modify' },
  'too-large': { condition: 'not-acceptable', type: 'modify' },
  'too-fast': { condition: 'resource-constraint', type: 'wait' },
  unsupported: { condition: 'feature-not-implemented', type: 'cancel' },
  uncertain: { condition: 'remote-server-timeout', type: 'wait' },
  'not-joined': { condition: 'not-acceptable', type: 'cancel' },
};

export function stanzaErrorOf(trouble: NetworkError, language: Language): StanzaError {
  const { condition, type } = CONDITIONS[trouble.kind];
  return new StanzaError(condition, trouble.message, { type, language });
}
