import type { DeliveryPlace } from '../store/delivery-place.ts';
import type { InboxRow, InboxStore } from '../store/inbox.ts';
import type { Clock } from './clock.ts';

/** Something that came back so often while the user was there is given up. */
const MAX_BOUNCES = 5;
/** So many of the latest that went out may have done so before their user came. */
const EARLY_COUNT = 100;
/** What has not come back after this arrived. */
const PROBE_MS = 30_000;
/** What comes back because it was early comes back together. */
const GATHER_MS = 500;

export interface ReturnedOptions {
  readonly place: DeliveryPlace;
  readonly store: InboxStore;
  readonly clock: Clock;
  /** All that came back is to be told now. */
  readonly release: () => Promise<void>;
  /** Something on disk is to be told. */
  readonly catchUp: () => void;
  /** Sees to work that nobody waits for: it may fail. */
  readonly inBackground: (work: Promise<unknown>) => void;
}

/** What the user's server sends back: she is not there, as far as it knows, and nothing is kept for her (RFC 6121 §8.5.2). */
export class ReturnedMessages {
  readonly #options: ReturnedOptions;
  /** The rows that went out lately. */
  #sent: number[] = [];
  /** Those of them that did before a client of the user showed itself. */
  #early: Set<number> | undefined;
  #isReleasing = false;
  /** One row that came back and was sent again, to see whether the user is there. */
  #probe: { readonly id: number; isBack: boolean } | undefined;

  constructor(options: ReturnedOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#probe === undefined;
  }

  sent(id: number): void {
    if (this.#sent.length >= EARLY_COUNT) this.#sent.splice(0, EARLY_COUNT / 2);
    this.#sent.push(id);
  }

  /** The user shows herself: what came back is told again. */
  async isThere(): Promise<void> {
    if (this.#sent.length > 0) {
      this.#early = new Set([...(this.#early ?? []), ...this.#sent].slice(-EARLY_COUNT));
    }
    this.#sent = [];
    await this.#releaseIfAny();
  }

  /**
   * Not everybody shows herself: of what came back, the first is tried again, and the others follow when it stays where it was
   * sent to.
   */
  async tryAgain(): Promise<void> {
    const { store, place, clock, catchUp, inBackground } = this.#options;
    const id = await store.firstBounced(place);
    if (id === undefined || this.#probe !== undefined) return;
    const probe = { id, isBack: false };
    this.#probe = probe;
    try {
      await store.releaseOne(id);
    } catch (error) {
      this.#probe = undefined;
      throw error;
    }
    catchUp();
    clock.after(PROBE_MS, () => {
      if (this.#probe !== probe) return;
      this.#probe = undefined;
      if (!probe.isBack && store.database.isOpen) inBackground(this.#releaseIfAny());
    });
  }

  /** @returns whether it is to be told again some time */
  async note({ id, bounces }: InboxRow, isFinal: boolean): Promise<boolean> {
    const { store } = this.#options;
    const isProbe = this.#probe?.id === id;
    if (this.#probe !== undefined && isProbe) this.#probe.isBack = true;
    if (isFinal || bounces >= MAX_BOUNCES) {
      await store.done(id);
      return false;
    }
    await (isProbe ? store.waits(id) : store.bounced(id));
    this.#releaseEarly(id);
    return true;
  }

  forget(): void {
    this.#early = undefined;
    this.#probe = undefined;
  }

  async #releaseIfAny(): Promise<void> {
    const { store, place, release } = this.#options;
    if (await store.has(place, 'bounced')) await release();
  }

  /** It had gone out before the user came: she is there now, and need not come again. */
  #releaseEarly(id: number): void {
    if (this.#early?.delete(id) !== true || this.#isReleasing) return;
    const { clock, store, release, inBackground } = this.#options;
    this.#isReleasing = true;
    clock.after(GATHER_MS, () => {
      this.#isReleasing = false;
      if (store.database.isOpen) inBackground(release());
    });
  }
}
