/** How a figure of ours is to stand to that of Biboumi, or by itself. */
export interface Target {
  readonly atMost?: number;
  readonly atLeast?: number;
  /** What ours may be, whatever Biboumi has. */
  readonly ownAtMost?: number;
}

/** One row of the table. */
export interface FigureKind {
  readonly name: string;
  readonly unit: string;
  readonly target?: Target;
}

/** What a scenario has measured once: by name of figure. */
export type Figures = Readonly<Record<string, number>>;

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
