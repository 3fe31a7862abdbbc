import type { CommandResult } from '../../plugin/index.ts';

/** What came of a dialogue, in words. */
export function outcomeText({ text, facts = [] }: CommandResult): string {
  const lines = facts.map(({ label, values }) => {
    const [only = '–'] = values;
    return values.length > 1
      ? [`${label}:`, ...values.map((each) => `• ${each}`)].join('\n')
      : `${label}: ${only}`;
  });
  return [text, lines.join('\n')].filter((part) => part !== '').join('\n\n');
}
