import type { Answers, Field, Step } from '../plugin/index.ts';
import { childOf, childText, elementsOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { dataFormElement, parseForm } from '../xmpp/data-form.ts';
import type { FormField } from '../xmpp/data-form.ts';
import { NS_DATA_FORM, NS_REGISTER } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

/** XEP-0077 §14.1: the names that may stand as elements of their own; no others may be made up (§4). */
const LEGACY_NAMES: ReadonlySet<string> = new Set(
  'username nick password name first last email address city state zip phone url date'.split(' '),
);

const MAX_ANSWER_LENGTH = 1_023;
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;

const FORM_KINDS: Readonly<Record<Field['kind'], FormField['type']>> = {
  text: 'text-single',
  secret: 'text-private',
  flag: 'boolean',
  choice: 'list-single',
  lines: 'text-multi',
  choices: 'list-multi',
};

/** XEP-0077 §3.1 and §4: a step of the dialogue as plain fields and as a form with the same names. */
export function registrationQuery(step: Step, isRegistered: boolean): XmlElement {
  const needsForm = step.fields.some((field) => field.isRequired && !LEGACY_NAMES.has(field.name));
  const plain = needsForm ? [] : step.fields.filter((field) => LEGACY_NAMES.has(field.name));
  return xml('query', NS_REGISTER, {}, [
    isRegistered ? xml('registered', NS_REGISTER) : undefined,
    xml('instructions', NS_REGISTER, {}, [step.instructions]),
    ...plain.map((field) => xml(field.name, NS_REGISTER, {}, [shownValue(field)])),
    dataFormElement({
      type: 'form',
      formType: NS_REGISTER,
      title: 'Registration',
      instructions: step.instructions,
      fields: step.fields.map(formField),
    }),
  ]);
}

function shownValue(field: Field): string | undefined {
  return field.kind === 'secret' ? undefined : field.value;
}

function formField(field: Field): FormField {
  const value = shownValue(field);
  return {
    name: field.name,
    type: FORM_KINDS[field.kind],
    label: field.label,
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.isRequired === true ? { isRequired: true } : {}),
    ...(value === undefined ? {} : { values: [value] }),
    ...(field.options === undefined ? {} : { options: field.options }),
  };
}

/** What the user sent, as she sent it; `undefined` when she cancelled. The form wins over plain fields (R11). */
function submittedValues(query: XmlElement): ReadonlyMap<string, string> | undefined {
  const formElement = childOf(query, 'x', NS_DATA_FORM);
  const values = new Map<string, string>();
  if (formElement === undefined) {
    for (const child of elementsOf(query)) {
      if (child.namespace === NS_REGISTER && LEGACY_NAMES.has(child.name)) {
        values.set(child.name, textOf(child));
      }
    }
    return values;
  }
  const form = parseForm(formElement);
  if (form?.type === 'cancel') return undefined;
  if (form?.type !== 'submit')
    throw new StanzaError('bad-request', 'This is not a submitted form.');
  for (const [name, [value]] of form.values) if (value !== undefined) values.set(name, value);
  return values;
}

/**
 * The answers that a set has for a step; `undefined` when the user cancelled. Nothing but `username` and `password` changes
 * the password (XEP-0077 §3.3), unless the step itself asks for a user name: then the set is the whole of a registration.
 * @throws StanzaError bad-request, unexpected-request
 */
export function valuesFor(
  step: Step,
  query: XmlElement,
  isRegistered: boolean,
): ReadonlyMap<string, string> | undefined {
  const names = elementsOf(query).map((child) => child.name);
  const asksMore = step.fields.some(({ name, isRequired }) => isRequired && name !== 'password');
  if (isRegistered && asksMore && names.length === 1 && names[0] === 'password') {
    throw new StanzaError('bad-request', 'Say whose password is to be changed.');
  }
  const isPasswordChange =
    names.length === 2 && names.includes('username') && names.includes('password');
  const asked = step.fields.find(({ name }) => name === 'username');
  const isWhole = asked !== undefined && asked.value !== childText(query, 'username', NS_REGISTER);
  if (!isPasswordChange || isWhole) return submittedValues(query);
  if (!isRegistered) throw new StanzaError('unexpected-request', 'Register first.');
  return withStoredAnswers(step, query);
}

/** The password alone changes: all other answers are those on file. */
function withStoredAnswers(step: Step, query: XmlElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const field of step.fields) {
    if (field.value !== undefined && field.kind !== 'secret') values.set(field.name, field.value);
  }
  values.set('password', childText(query, 'password', NS_REGISTER) ?? '');
  return values;
}

/**
 * Holds what was sent against the step that it answers.
 * @throws StanzaError not-acceptable that names every field that is missing or wrong
 */
export function checkedAnswers(step: Step, values: ReadonlyMap<string, string>): Answers {
  const answers: Record<string, string> = {};
  const problems: string[] = [];
  for (const field of step.fields) {
    const value = values.get(field.name)?.trim() ?? '';
    const problem = problemOf(field, value);
    if (problem !== undefined) problems.push(problem);
    else if (value !== '') answers[field.name] = normalised(field, value);
  }
  if (problems.length > 0) throw new StanzaError('not-acceptable', problems.join(' '));
  return answers;
}

function problemOf(field: Field, value: string): string | undefined {
  if (value === '') return field.isRequired === true ? `"${field.name}" is missing.` : undefined;
  if (value.length > MAX_ANSWER_LENGTH) return `"${field.name}" is too long.`;
  if (CONTROL_CHARACTER.test(value)) {
    return `"${field.name}" must be one line without control characters.`;
  }
  if (field.kind === 'choice' && !field.options?.some((option) => option.value === value)) {
    return `"${field.name}" must be one of those offered.`;
  }
  return undefined;
}

function normalised(field: Field, value: string): string {
  if (field.kind !== 'flag') return value;
  return value === '1' || value === 'true' ? 'true' : 'false';
}
