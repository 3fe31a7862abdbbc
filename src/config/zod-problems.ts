import * as z from 'zod';

export interface PathProblem {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

/** What zod found, in words for an administrator: with what was expected, and with what was probably meant. */
export function problemsOf(error: z.ZodError, schema: z.ZodType): PathProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== 'symbol');
    if (issue.code !== 'unrecognized_keys') return [{ path, text: decapitalised(issue.message) }];
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(key, known) }));
  });
}

function decapitalised(text: string): string {
  return text
    .replace(/^Invalid input: /, '')
    .replace(/, received undefined$/, ', but is missing')
    .replace(/, received /, ', but this is ');
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((candidate) => distance(candidate, key) <= 2);
  const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`;
  return `there is no such option (${hint})`;
}

/** The keys of the object that a path leads to. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  let here: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const part of path) {
    here = typeof part === 'number' ? member(here, 'items') : childSchema(here, part);
  }
  const properties = member(here, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function childSchema(schema: unknown, key: string): unknown {
  return member(member(schema, 'properties'), key) ?? member(schema, 'additionalProperties');
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** How many letters two words differ by (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
