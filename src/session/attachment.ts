/** After this time without an answer to a probe the user is taken for offline: many servers say nothing then. */
export const SILENCE_MS = 30_000;

/**
 * The present attachment of a domain to its server. What users were heard to be on an earlier one counts no longer: no
 * server repeats it, so that the registered users are asked (RFC 6121 §4.3).
 */
export class Attachment {
  #number = 0;
  readonly #awaited = new Map<string, number>();
  /** Who has answered, or need not, while not all have been asked; `undefined` when they have. */
  #heard: Set<string> | undefined;

  /** 0 before the first. */
  get number(): number {
    return this.#number;
  }

  begin(): void {
    this.#number += 1;
    this.#awaited.clear();
    this.#heard = new Set();
  }

  /** All were asked. */
  allProbed(): void {
    this.#heard = undefined;
  }

  /** This user, a bare JID, was asked whether she is there. */
  probed(user: string, now: number): void {
    this.#awaited.set(user, now);
  }

  /**
   * Whether the first sign of this user is yet to come: she was asked and has said nothing, or is going to be asked; some
   * servers tell of her by themselves.
   */
  isAwaited(user: string): boolean {
    return this.#awaited.has(user) || this.#heard?.has(user) === false;
  }

  /** She has answered. */
  answered(user: string): void {
    this.#awaited.delete(user);
    this.#heard?.add(user);
  }

  /** Those who have been silent for too long; each is named once. */
  silent(now: number): string[] {
    const silent: string[] = [];
    for (const [user, since] of this.#awaited) {
      if (now - since < SILENCE_MS) break;
      silent.push(user);
      this.#awaited.delete(user);
    }
    return silent;
  }

  /** How many have yet to answer. */
  get awaitedCount(): number {
    return this.#awaited.size;
  }
}
