import type { IrcOptions } from './options.ts';

/** All waiting times of the gateway: those an administrator may set, and those the border fixes. */
export type Timings = IrcOptions['timings'] & {
  /** A join as a whole, connecting included. */
  readonly joinTimeoutMs: number;
  /** A join that the gateway does by itself after it has connected again. */
  readonly rejoinTimeoutMs: number;
  /** An answer to NICK, TOPIC, MODE, KICK. */
  readonly answerTimeoutMs: number;
  /** How long a message waits for a connection. */
  readonly sendTimeoutMs: number;
  /** After this a message in the throttle's queue counts as sent; its failure is then told by an event. */
  readonly queueTimeoutMs: number;
  /** How long a refusal may still be about a message. */
  readonly refusalMs: number;
  /** How long a server that says messages back may take for it. */
  readonly echoTimeoutMs: number;
  /** How long a server may take to check a password; then we go in without. */
  readonly saslTimeoutMs: number;
  /** How often a nick that was taken is asked for again. */
  readonly regainMs: number;
  /** How often the server is asked who is there, where it does not tell by itself. */
  readonly watchIntervalMs: number;
  /** For so long at most, what is said in a channel waits for what was said before the user came. */
  readonly historyTimeoutMs: number;
  /** Who is put out sooner by the server comes back later and later: services end what is over a limit again and again. */
  readonly stableMs: number;
  readonly quitTimeoutMs: number;
};

export const fixedTimings: Omit<Timings, keyof IrcOptions['timings']> = {
  joinTimeoutMs: 50_000,
  rejoinTimeoutMs: 30_000,
  answerTimeoutMs: 10_000,
  sendTimeoutMs: 30_000,
  queueTimeoutMs: 45_000,
  refusalMs: 30_000,
  echoTimeoutMs: 10_000,
  saslTimeoutMs: 20_000,
  regainMs: 60_000,
  watchIntervalMs: 60_000,
  historyTimeoutMs: 15_000,
  stableMs: 20_000,
  quitTimeoutMs: 1_000,
};
