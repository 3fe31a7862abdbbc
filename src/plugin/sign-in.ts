/**
 * What a gateway keeps of a user's registration: plain JSON. It rests encrypted, and goes nowhere but back to
 * the gateway that made it.
 */
export type Account = { readonly [key: string]: string | number | boolean | null };

/**
 * One question of the dialogue. The names of XEP-0077 §14.1 (`nick`, `name`, `email`, `username`, `password`,
 * `phone` ...) are also offered as plain fields to clients that know no data forms; others only in the form.
 */
export interface Field {
  readonly name: string;
  readonly label: string;
  /**
   * `secret` is never sent back to the user, never logged. `lines` takes several lines, `choices` several of the
   * options: in {@link Answers} and in `value` they stand one a line.
   */
  readonly kind: 'text' | 'secret' | 'flag' | 'choice' | 'lines' | 'choices';
  readonly isRequired?: boolean;
  /** What stands there before the user writes anything; for `flag` 'true' or 'false'. */
  readonly value?: string;
  /** For `choice` and `choices`. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly description?: string;
}

/** A step of a dialogue: of signing in, or of a command. */
export interface Step {
  readonly title?: string;
  readonly instructions: string;
  /** A page that the user is to open, to give her consent there for instance (XEP-0066). */
  readonly link?: string;
  readonly fields: readonly Field[];
  /** Why the last answers were not taken, in words for the user; absent the first time. */
  readonly problem?: string;
  /** Nothing more is asked once this is answered as it should be. */
  readonly isLast?: boolean;
}

/**
 * By field name. Only fields of the step are in it; an empty answer is absent. Answers hold no control characters, but for
 * the line ends of `lines` and `choices`, and are at most 1,023 characters long, those of `lines` 8,000: the core has seen
 * to it. For a `secret` that the user left empty while changing a registration, the gateway keeps the one it has.
 */
export type Answers = Readonly<Record<string, string>>;

/**
 * The dialogue of a registration: yields steps, gets answers, returns the account. Between the last answers and
 * the return it checks them with the network; it asks again, with `problem`, when they cannot be right, and
 * throws `NetworkError('credentials')` when the network refuses them, `'unreachable'` when it cannot be asked.
 */
export type SignIn = AsyncGenerator<Step, Account, Answers>;
