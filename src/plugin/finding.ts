/** One thing that was looked at, for the administrator. */
export interface Finding {
  /** `trouble`: something does not work. `warning`: it works, and somebody should look at it. */
  readonly verdict: 'ok' | 'warning' | 'trouble';
  /** What was looked at, in a few words: a host with its port, an option. */
  readonly about: string;
  /** How it is: a phrase in plain English, without a secret in it. */
  readonly text: string;
  /** What to do about it, where there is something to do. */
  readonly advice?: string;
}

/** How a gateway is to look around, see `Gateway.diagnose`. */
export interface Examination {
  /**
   * A process serves with the same configuration now: what listens at our addresses is ours. `undefined` when nobody can tell:
   * what might disturb it is left alone then, too.
   */
  readonly isRunning: boolean | undefined;
  /** Aborts when time is up. */
  readonly signal: AbortSignal;
}
