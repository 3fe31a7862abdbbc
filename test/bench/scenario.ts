import type { FigureKind, Figures } from './figure.ts';
import type { Gateway } from './gateway.ts';

export interface Pace {
  /** Seconds that one measurement is to take. */
  readonly windowSeconds: number;
  /** Users for the measurements of memory. */
  readonly crowd: number;
}

/** One thing that is measured, of both gateways in turn. */
export interface Scenario {
  readonly name: string;
  /** Rounds at most: memory is the same each time. */
  readonly maxRounds?: number;
  readonly kinds: readonly FigureKind[];
  measure(gateway: Gateway, pace: Pace): Promise<Figures>;
}
