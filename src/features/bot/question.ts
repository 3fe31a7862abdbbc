import type { Field, Language } from '../../plugin/index.ts';
import { checkAnswers } from '../../session/answers.ts';
import { botTexts } from './bot-texts.ts';
import { isWord, plainWord, unquoted } from './words.ts';

/** What a person wrote to a question: its values, or why they cannot be taken. */
export type Reading = { readonly values: readonly string[] } | { readonly problem: string };

/** One field of a step in words. `value` is what it has when it is left out. */
export function questionText(field: Field, language: Language): string {
  const texts = botTexts(language);
  const { label, description, kind, options = [] } = field;
  const lines = [description === undefined ? label : `${label} – ${description}`];
  if (kind === 'flag') lines.push(texts.yesOrNo);
  if (kind === 'lines') lines.push(texts.lines);
  if (kind === 'secret') lines.push(texts.secret);
  if (kind === 'choice' || kind === 'choices') {
    lines.push(kind === 'choice' ? texts.options : texts.manyOptions);
    lines.push(...options.map((option, index) => `${index + 1}. ${option.label}`));
  }
  const shown = shownDefault(field, language);
  if (shown !== undefined) lines.push(texts.keep(shown));
  else if ('values' in leftOut(field, '')) {
    lines.push(kind === 'secret' ? texts.keepSecret : texts.skip);
  }
  return lines.join('\n');
}

function shownDefault(
  { kind, value, options = [] }: Field,
  language: Language,
): string | undefined {
  if (kind === 'secret' || value === undefined || value === '') return undefined;
  const texts = botTexts(language);
  if (kind === 'flag') return value === 'true' ? texts.yes : texts.no;
  if (kind === 'text' || kind === 'lines') return value.replaceAll('\n', ' / ');
  const labels = value.split('\n').map((each) => {
    return options.find((option) => option.value === each)?.label ?? each;
  });
  return labels.join(', ');
}

/** Reads an answer to one field. */
export function readAnswer(field: Field, text: string, language: Language): Reading {
  const texts = botTexts(language);
  if (isWord(text, 'skip')) return leftOut(field, texts.isNeeded);
  const values = valuesIn(field, text);
  if (values === undefined) {
    return { problem: field.kind === 'flag' ? texts.badYesOrNo : texts.badOption };
  }
  const step = { instructions: '', fields: [field] };
  const checked = checkAnswers(step, new Map([[field.name, values]]), language);
  return 'problem' in checked ? checked : { values };
}

/** What stands for a field that is left out, if it may be. */
export function leftOut(field: Field, problem: string): Reading {
  const { value = '', isRequired } = field;
  if (value !== '') return { values: [value] };
  return isRequired === true ? { problem } : { values: [] };
}

function valuesIn({ kind, options = [] }: Field, text: string): readonly string[] | undefined {
  if (kind === 'flag') {
    if (isWord(text, 'yes', 'done')) return ['true'];
    return isWord(text, 'no') ? ['false'] : undefined;
  }
  if (kind === 'choice') {
    const chosen = optionFor(options, text);
    return chosen === undefined ? undefined : [chosen];
  }
  if (kind === 'choices') {
    const parts = text
      .split(/[,;\n]+|(?<!\s)\s+(?=\d+(?:\s|$))/)
      .filter((part) => part.trim() !== '');
    const chosen = parts.map((part) => optionFor(options, part));
    return chosen.includes(undefined) ? undefined : chosen.filter((each) => each !== undefined);
  }
  return [unquoted(text)];
}

/** An option by its number, its label or its value. */
function optionFor(options: NonNullable<Field['options']>, text: string): string | undefined {
  const plain = plainWord(text);
  const number = /^\d+$/.test(plain) ? Number(plain) : 0;
  const byName = options.find(
    ({ value, label }) => plainWord(label) === plain || plainWord(value) === plain,
  );
  return (options[number - 1] ?? byName)?.value;
}
