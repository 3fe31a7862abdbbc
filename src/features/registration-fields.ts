import type { Language, Step } from '../plugin/index.ts';
import type { Values } from '../session/answers.ts';
import { childOf, childText, elementsOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { parseForm } from '../xmpp/data-form.ts';
import { NS_DATA_FORM, NS_REGISTER } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { accountTexts } from './account/texts.ts';
import { linkElement, shownValue, stepForm } from './step-form.ts';

/** XEP-0077 §14.1: the names that may stand as elements of their own; no others may be made up (§4). */
const LEGACY_NAMES: ReadonlySet<string> = new Set(
  'username nick password name first last email address city state zip phone url date'.split(' '),
);

export interface RegistrationQuery {
  readonly isRegistered: boolean;
  readonly title: string;
}

/** XEP-0077 §3.1, §4 and §6: a step of the dialogue as plain fields and as a form with the same names. */
export function registrationQuery(
  step: Step,
  { isRegistered, title }: RegistrationQuery,
): XmlElement {
  const { fields } = step;
  const needsForm = fields.some(({ isRequired, name }) => isRequired && !LEGACY_NAMES.has(name));
  const isPlain = !needsForm && step.link === undefined;
  const plain = isPlain ? fields.filter((field) => LEGACY_NAMES.has(field.name)) : [];
  return xml('query', NS_REGISTER, {}, [
    isRegistered ? xml('registered', NS_REGISTER) : undefined,
    xml('instructions', NS_REGISTER, {}, [instructions(step)]),
    ...plain.map((field) => xml(field.name, NS_REGISTER, {}, [shownValue(field)])),
    fields.length === 0 ? undefined : stepForm(step, NS_REGISTER, step.title ?? title),
    linkElement(step),
  ]);
}

function instructions({ instructions: text, link }: Step): string {
  return link === undefined || text.includes(link) ? text : `${text}\n${link}`;
}

/** What the user sent, as she sent it; `undefined` when she cancelled. The form wins over plain fields (R11). */
function submittedValues(query: XmlElement, language: Language): Values | undefined {
  const formElement = childOf(query, 'x', NS_DATA_FORM);
  if (formElement === undefined) {
    return new Map(
      elementsOf(query)
        .filter(({ namespace, name }) => namespace === NS_REGISTER && LEGACY_NAMES.has(name))
        .map((child) => [child.name, [textOf(child)]]),
    );
  }
  const form = parseForm(formElement);
  if (form?.type === 'cancel') return undefined;
  if (form?.type === 'submit') return form.values;
  throw new StanzaError('bad-request', accountTexts(language).notSubmitted, { language });
}

/** Who sends a set, as far as it matters. */
export interface Registrant {
  readonly isRegistered: boolean;
  readonly language: Language;
}

/**
 * The answers that a set has for a step; `undefined` when the user cancelled. Nothing but `username` and `password` changes
 * the password (XEP-0077 §3.3), unless the step itself asks for a user name: then the set is the whole of a registration.
 * @throws StanzaError bad-request, unexpected-request
 */
export function valuesFor(
  step: Step,
  query: XmlElement,
  { isRegistered, language }: Registrant,
): Values | undefined {
  const texts = accountTexts(language);
  const names = elementsOf(query).map((child) => child.name);
  const asksMore = step.fields.some(({ name, isRequired }) => isRequired && name !== 'password');
  if (isRegistered && asksMore && names.length === 1 && names[0] === 'password') {
    throw new StanzaError('bad-request', texts.noUserName, { language });
  }
  const isPasswordChange =
    names.length === 2 && names.includes('username') && names.includes('password');
  const asked = step.fields.find(({ name }) => name === 'username');
  const isWhole = asked !== undefined && asked.value !== childText(query, 'username', NS_REGISTER);
  if (!isPasswordChange || isWhole) return submittedValues(query, language);
  if (!isRegistered) throw new StanzaError('unexpected-request', texts.registerFirst, { language });
  return withStoredAnswers(step, query);
}

/** The password alone changes: all other answers are those on file. */
function withStoredAnswers(step: Step, query: XmlElement): Values {
  const values = new Map<string, readonly string[]>();
  for (const field of step.fields) {
    const value = shownValue(field);
    if (value !== undefined) values.set(field.name, [value]);
  }
  return values.set('password', [childText(query, 'password', NS_REGISTER) ?? '']);
}
