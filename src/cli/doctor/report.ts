import type { Finding } from '../../plugin/index.ts';

const WIDEST = 32;

/** Findings as lines, each with its verdict first, and with what to do below where there is something to do. */
export function asLines(findings: readonly Finding[]): string[] {
  const widths = findings.map(({ about }) => about.length).filter((width) => width <= WIDEST);
  const width = Math.max(0, ...widths);
  return findings.flatMap(({ verdict, about, text, advice }) => {
    const line = `${verdict.padEnd(7)}  ${about.padEnd(width)}  ${oneLine(text)}`;
    return advice === undefined ? [line] : [line, `${' '.repeat(width + 11)}→ ${oneLine(advice)}`];
  });
}

/** What is wrong in all. */
export function summary(findings: readonly Finding[]): string {
  const troubles = findings.filter(({ verdict }) => verdict === 'trouble').length;
  const warnings = findings.filter(({ verdict }) => verdict === 'warning').length;
  if (troubles === 0 && warnings === 0) return 'Everything is in order.';
  const looked = warnings === 0 ? '' : `${counted(warnings, 'thing')} to look at`;
  if (troubles === 0) return `It works; there ${warnings === 1 ? 'is' : 'are'} ${looked}.`;
  return `${counted(troubles, 'trouble')}${looked === '' ? '' : `, and ${looked}`}.`;
}

const counted = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;

/** What peers have said stands in one line, whatever it was. */
const oneLine = (text: string): string => text.replace(/[\p{C}\u2028\u2029]+/gu, ' ').trim();
