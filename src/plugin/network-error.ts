import type { Address } from './address.ts';

/**
 * What went wrong on the network. The core has one table from these to stanza errors and to retrying: `credentials` the
 * account's name or password is refused; `unreachable` no connection, worth another try; `not-found` no such contact or
 * room; `absent` the contact is not there now, and nobody keeps messages for it; `refused` the network or its operator
 * forbids it, a ban for instance; `not-allowed` a rule lets nobody do it, who wants no more messages or what costs too
 * much for instance; `key` the room wants a password, or another one; `members-only` the room wants an invitation or an
 * account; `full` no room for more; `conflict` the nick or address is taken; `elsewhere` the room is to be entered by
 * another `address`, or the user is in it by that one; `invalid` what was given cannot be such a thing (a nick with a
 * space); `too-large`, `too-fast`; `unsupported` the network cannot do this at all; `not-joined` the user is not in
 * that room; `uncertain` the connection broke when the network may or may not have taken the message (see
 * `Session.wasTaken`).
 */
export type NetworkErrorKind =
  | 'credentials'
  | 'unreachable'
  | 'not-found'
  | 'absent'
  | 'refused'
  | 'not-allowed'
  | 'key'
  | 'members-only'
  | 'full'
  | 'conflict'
  | 'elsewhere'
  | 'invalid'
  | 'too-large'
  | 'too-fast'
  | 'unsupported'
  | 'not-joined'
  | 'uncertain';

/** An author's package may bring a copy of this module of its own: its errors are NetworkErrors all the same. */
const MARK = Symbol.for('causeway.NetworkError');

/** The one class of error that a gateway throws on purpose. Anything else that it throws is a bug and is logged as one. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly kind: NetworkErrorKind;
  /** When to try again, for `too-fast` and `unreachable`. */
  readonly retryAfterMs: number | undefined;
  /** Where it is to be had, for `elsewhere`. */
  readonly address: Address | undefined;

  /** @param message is shown to the user: a sentence in plain words, with no secret and no internal name in it. */
  constructor(
    kind: NetworkErrorKind,
    message: string,
    options: {
      readonly retryAfterMs?: number;
      readonly address?: Address;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs;
    this.address = options.address;
  }

  get [MARK](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): value is NetworkError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
