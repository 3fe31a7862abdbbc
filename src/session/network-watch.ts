/** How it stands with a user's network. */
export type NetworkState =
  { readonly is: 'fine' } | { readonly is: 'away' | 'refused'; readonly reason: string };

const FINE: NetworkState = { is: 'fine' };
/** A break that is shorter changes nothing that anybody sees. */
const FLAP_MS = 10_000;
/** What lasts for longer than any attempt to connect is a connection, even if the network says nothing. */
const STEADY_MS = 90_000;

/** Watches over a user's network as a whole: tells of each change once, and not of every flap. */
export class NetworkWatch {
  readonly #changed: (state: NetworkState) => void;
  #state: NetworkState = FINE;
  #isProven = false;
  #wasUp = false;
  #flap: NodeJS.Timeout | undefined;
  #steady: NodeJS.Timeout | undefined;

  constructor(changed: (state: NetworkState) => void) {
    this.#changed = changed;
  }

  get state(): NetworkState {
    return this.#state;
  }

  /** An attempt to connect has begun. */
  trying(): void {
    this.#isProven = false;
    this.#steady = replaced(this.#steady, STEADY_MS, () => this.proven());
  }

  /** The connection is lost, and will be tried again. What was never up is told at once. */
  lost(reason: string): void {
    this.#isProven = false;
    clearTimeout(this.#steady);
    if (!this.#wasUp) return this.#become({ is: 'away', reason });
    this.#flap ??= replaced(undefined, FLAP_MS, () => this.#become({ is: 'away', reason }));
  }

  /** The network takes the account no longer. */
  refused(reason: string): void {
    this.#stop();
    this.#become({ is: 'refused', reason });
  }

  /** Something has come from the network. Called for every event. */
  proven(): void {
    if (this.#isProven) return;
    this.#isProven = true;
    this.#wasUp = true;
    this.#stop();
    this.#become(FINE);
  }

  /** The user is no longer on the network, or comes anew. */
  reset(): void {
    this.#stop();
    this.#isProven = false;
    this.#wasUp = false;
    this.#state = FINE;
  }

  #become(state: NetworkState): void {
    if (state.is !== 'fine') this.#wasUp = false;
    if (state.is === this.#state.is) return;
    this.#state = state;
    this.#changed(state);
  }

  #stop(): void {
    clearTimeout(this.#flap);
    clearTimeout(this.#steady);
    this.#flap = undefined;
    this.#steady = undefined;
  }
}

function replaced(
  timer: NodeJS.Timeout | undefined,
  delayMs: number,
  act: () => void,
): NodeJS.Timeout {
  clearTimeout(timer);
  return setTimeout(act, delayMs).unref();
}
