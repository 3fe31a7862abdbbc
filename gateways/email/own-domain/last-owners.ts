import { hash } from 'node:crypto';
import type { Memory } from '../../../src/plugin/index.ts';

const DAY_MS = 86_400_000;
/** For so long a name waits for her who had it. */
const KEPT_MS = 180 * DAY_MS;
/** That she has it still need not be noted each time. */
const NOTED_AGAIN_MS = 7 * DAY_MS;

/**
 * Who had which name last: what is written to somebody who has left must not come to somebody else. Of her, who is to be forgotten, only
 * digests are kept.
 */
export class LastOwners {
  readonly #memory: Memory;
  readonly #now: () => number;

  constructor(memory: Memory, now: () => number) {
    this.#memory = memory;
    this.#now = now;
  }

  /** @param user is a bare JID. */
  async note(name: string, user: string): Promise<void> {
    const known = await this.#last(name);
    const now = this.#now();
    if (known?.owner === digestOf(user) && now - known.at < NOTED_AGAIN_MS) return;
    await this.#memory.set(keyOf(name), `${now} ${digestOf(user)}`);
  }

  /** Whether the name waits for somebody else than this user. */
  async isOthers(name: string, user: string): Promise<boolean> {
    const last = await this.#last(name);
    return last !== undefined && last.owner !== digestOf(user) && this.#now() - last.at < KEPT_MS;
  }

  async #last(name: string): Promise<{ readonly at: number; readonly owner: string } | undefined> {
    const [, at, owner] = /^(\d+) (.+)$/.exec((await this.#memory.get(keyOf(name))) ?? '') ?? [];
    return at === undefined || owner === undefined ? undefined : { at: Number(at), owner };
  }
}

const digestOf = (text: string): string => hash('sha256', text, 'base64url');

const keyOf = (name: string): string => `owner ${digestOf(name)}`;
