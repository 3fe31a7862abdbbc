/** An author's package may bring a copy of this module of its own. */
const MARK = Symbol.for('causeway.Unregistered');

/**
 * The reason of a session's signal when the registration of its user ends: what is kept of her is deleted as soon as `run` has
 * resolved. What the session has taken of her and can no longer bring to an end it tells by `failed` events and notices before, in the
 * time that it has. It may come before the first `run`, which then connects to nothing.
 */
export class Unregistered extends Error {
  override readonly name = 'Unregistered';

  constructor() {
    super('the user has unregistered');
  }

  get [MARK](): true {
    return true;
  }

  static override [Symbol.hasInstance](value: unknown): value is Unregistered {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
