import { Heartbeat } from './heartbeat.ts';
import type { IrcOptions } from './options.ts';
import { SecureContexts } from './secure-contexts.ts';
import { serverNames } from './servers.ts';
import type { ServerNames } from './servers.ts';
import { Shared } from './shared.ts';
import type { Timings } from './timings.ts';

/** What all users of a gateway have in common. */
export interface Surroundings {
  readonly options: IrcOptions;
  readonly timings: Timings;
  readonly nameOf: ServerNames;
  readonly secure: SecureContexts;
  readonly shared: Shared;
  readonly heartbeat: Heartbeat;
}

const LONGEST_BEAT_MS = 5_000;
const SHORTEST_BEAT_MS = 20;

/** @throws Error in words for the administrator */
export function createSurroundings(options: IrcOptions, timings: Timings): Surroundings {
  const { pingIntervalMs, pingTimeoutMs, idleMs } = timings;
  const beatMs = Math.min(pingIntervalMs, pingTimeoutMs, idleMs) / 4;
  return {
    options,
    timings,
    nameOf: serverNames(options),
    secure: new SecureContexts(options.servers),
    shared: new Shared(),
    heartbeat: new Heartbeat(Math.min(LONGEST_BEAT_MS, Math.max(SHORTEST_BEAT_MS, beatMs))),
  };
}
