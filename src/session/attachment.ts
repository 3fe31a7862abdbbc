/** After this time without an answer to a probe the user is taken for offline: many servers say nothing then. */
export const SILENCE_MS = 30_000;

/**
 * The present attachment of a domain to its server. What users were heard to be on an earlier one counts no longer: no
 * server repeats it, so that the registered users are asked (RFC 6121 §4.3).
 */
export class Attachment {
  #number = 0;
  readonly #awaited = new Map<string, number>();

  /** 0 before the first. */
  get number(): number {
    return this.#number;
  }

  begin(): void {
    this.#number += 1;
    this.#awaited.clear();
  }

  /** This user, a bare JID, was asked whether she is there. */
  probed(user: string, now: number): void {
    this.#awaited.set(user, now);
  }

  /** Whether this user was asked and has yet to say something. */
  isAwaited(user: string): boolean {
    return this.#awaited.size > 0 && this.#awaited.has(user);
  }

  /** She has answered. */
  answered(user: string): void {
    if (this.#awaited.size > 0) this.#awaited.delete(user);
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
