import type { FigureKind, Figures } from './figure.ts';
import type { Gateway } from './gateway.ts';

export interface Pace {
  /** Seconds that one measurement is to take. */
  readonly windowSeconds: number;
  /** Users for the measurements of memory. */
  readonly crowd: number;
}

/** What is measured in place of Biboumi: where this has nothing of the kind, or ours in another way. */
export interface Rival {
  readonly name: 'raw' | 'postgres';
  measure(pace: Pace): Promise<Figures>;
}

/** One thing that is measured, of ours and of another in turn. */
export interface Scenario {
  readonly name: string;
  /** Rounds at most: memory is the same each time. */
  readonly maxRounds?: number;
  readonly kinds: readonly FigureKind[];
  measure(gateway: Gateway, pace: Pace): Promise<Figures>;
  /** Beside what; without it beside Biboumi. */
  readonly beside?: Rival;
}
