import type { Answers, Field, Language, Step } from '../plugin/index.ts';
import { answerTexts } from './answer-texts.ts';

/** What somebody wrote, by field name; for fields with several lines or choices, each by itself. */
export type Values = ReadonlyMap<string, readonly string[]>;

export type Checked = { readonly answers: Answers } | { readonly problem: string };

const MAX_LENGTH = 1_023;
const MAX_LENGTH_OF_LINES = 8_000;
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;

/** Holds what was written against the step that it answers: what a gateway gets is sound. Other fields are left out. */
export function checkAnswers(step: Step, values: Values, language: Language): Checked {
  const answers: Record<string, string> = {};
  const problems: string[] = [];
  for (const field of step.fields) {
    const given = valuesFor(field, values.get(field.name) ?? []);
    const problem = problemOf(field, given, language);
    if (problem !== undefined) problems.push(problem);
    else if (given.length > 0) answers[field.name] = given.join('\n');
  }
  return problems.length > 0 ? { problem: problems.join(' ') } : { answers };
}

const isPlural = (kind: Field['kind']): boolean => kind === 'lines' || kind === 'choices';

/** Without what means nothing: empty values, repeated choices, empty lines at either end. */
function valuesFor({ kind }: Field, raw: readonly string[]): readonly string[] {
  if (isPlural(kind)) {
    const lines = raw.flatMap((value) => value.split(/\r\n?|\n/));
    if (kind === 'choices') return [...new Set(lines.filter((line) => line !== ''))];
    const text = lines.map((line) => line.trimEnd()).join('\n');
    return text.trim() === '' ? [] : text.replaceAll(/^\n+|(?<!\n)\n+$/g, '').split('\n');
  }
  const values = raw.map((value) => value.trim()).filter((value) => value !== '');
  return kind === 'flag' ? values.map((value) => flagOf(value) ?? value) : values;
}

/** What a boolean says, which is written as in XML Schema (XEP-0004 §3.3); `undefined` for anything else. */
export function flagOf(value: string): 'true' | 'false' | undefined {
  if (value === '1' || value === 'true') return 'true';
  return value === '0' || value === 'false' ? 'false' : undefined;
}

function problemOf(
  field: Field,
  values: readonly string[],
  language: Language,
): string | undefined {
  const texts = answerTexts(language);
  const name = texts.field(field.label, field.name);
  if (values.length === 0) return field.isRequired === true ? texts.missing(name) : undefined;
  const { kind, options = [] } = field;
  if (values.length > 1 && !isPlural(kind)) return texts.onlyOne(name);
  if (kind === 'flag' && flagOf(values[0] ?? '') === undefined) return texts.notFlag(name);
  const length = values.reduce((sum, value) => sum + value.length + 1, -1);
  if (length > (kind === 'lines' ? MAX_LENGTH_OF_LINES : MAX_LENGTH)) return texts.tooLong(name);
  if (values.some((value) => CONTROL_CHARACTER.test(value))) {
    return isPlural(kind) ? texts.noControls(name) : texts.oneLine(name);
  }
  const isChoice = kind === 'choice' || kind === 'choices';
  const isOffered = (value: string): boolean => options.some((option) => option.value === value);
  return isChoice && !values.every(isOffered) ? texts.notOffered(name) : undefined;
}
