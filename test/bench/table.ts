import { median } from './figure.ts';
import type { FigureKind, Figures, Target } from './figure.ts';

/** "raw" is the libraries that we use, with nothing around them; "postgres" is ours on PostgreSQL, beside SQLite. */
export type RivalName = 'biboumi' | 'raw' | 'postgres';
export type Results = Readonly<Record<'causeway' | RivalName, readonly Figures[]>>;

/** One line of Markdown for each figure: medians, their ratio, the target, whether it is met. */
export function table(
  kinds: readonly FigureKind[],
  results: Results,
  rival: RivalName = 'biboumi',
): string[] {
  const rows = [['figure', 'unit', 'causeway', rival, 'ratio', 'target', '']];
  for (const { name, unit, target } of kinds) {
    const own = median(valuesOf(results.causeway, name));
    const other = median(valuesOf(results[rival], name));
    if (own === undefined && other === undefined) continue;
    const ratio = own === undefined || other === undefined ? undefined : own / other;
    rows.push([
      name,
      unit,
      readable(own),
      readable(other),
      ratio === undefined ? '-' : `${ratio.toPrecision(2)}x`,
      target === undefined ? '' : words(target, unit),
      verdict(target, own, ratio),
    ]);
  }
  return render(rows);
}

function valuesOf(rounds: readonly Figures[], name: string): number[] {
  return rounds.map((figures) => figures[name]).filter((value) => value !== undefined);
}

function words({ atMost, atLeast, ownAtMost }: Target, unit: string): string {
  if (ownAtMost !== undefined) return `<= ${ownAtMost} ${unit}`;
  return atMost === undefined ? `>= ${atLeast ?? 0}` : `<= ${atMost}`;
}

function verdict(
  target: Target | undefined,
  own: number | undefined,
  ratio: number | undefined,
): string {
  if (target === undefined || own === undefined) return '';
  if (target.ownAtMost !== undefined) return own <= target.ownAtMost ? 'met' : 'MISSED';
  if (ratio === undefined) return '';
  return isMet(target, ratio) ? 'met' : 'MISSED';
}

function isMet({ atMost, atLeast }: Target, ratio: number): boolean {
  return ratio <= (atMost ?? Infinity) && ratio >= (atLeast ?? 0);
}

function readable(value: number | undefined): string {
  if (value === undefined) return '-';
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function render(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}
