/** After this time whoever has not answered a probe is taken for offline: many servers say nothing then. */
export const SILENCE_MS = 30_000;

/**
 * The present attachment of a domain to its server. What users were heard to be on an earlier one counts no longer: no
 * server repeats it, so that the registered users are asked (RFC 6121 §4.3).
 */
export class Attachment {
  #number = 0;
  /** When users were asked, until the time for all answers is up: one of her resources may have answered, and another be gone. */
  readonly #asked = new Map<string, number>();
  readonly #awaited = new Set<string>();
  /** Who has answered, or need not, while not all have been asked; `undefined` when they have. */
  #heard: Set<string> | undefined;

  /** 0 before the first. */
  get number(): number {
    return this.#number;
  }

  begin(): void {
    this.#number += 1;
    this.#asked.clear();
    this.#awaited.clear();
    this.#heard = new Set();
  }

  /** All were asked. */
  allProbed(): void {
    this.#heard = undefined;
  }

  /** This user, a bare JID, was asked whether she is there. */
  probed(user: string, now: number): void {
    this.#asked.set(user, now);
    this.#awaited.add(user);
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

  /** Those of whom nothing more will be heard: what has not answered is not there. Each is named once. */
  settled(now: number): string[] {
    const settled: string[] = [];
    for (const [user, since] of this.#asked) {
      if (now - since < SILENCE_MS) break;
      settled.push(user);
      this.#asked.delete(user);
      this.#awaited.delete(user);
    }
    return settled;
  }

  /** How many may still answer. */
  get askedCount(): number {
    return this.#asked.size;
  }
}
