import type { Fact, Field, Step } from '../plugin/index.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { dataFormElement } from '../xmpp/data-form.ts';
import type { FormField } from '../xmpp/data-form.ts';
import { NS_OOB } from '../xmpp/namespaces.ts';

const KINDS: Readonly<Record<Field['kind'], FormField['type']>> = {
  text: 'text-single',
  secret: 'text-private',
  flag: 'boolean',
  choice: 'list-single',
  lines: 'text-multi',
  choices: 'list-multi',
};

/** XEP-0133 has these as JIDs. */
const JID_KINDS: Readonly<Record<string, FormField['type']>> = {
  accountjid: 'jid-single',
  accountjids: 'jid-multi',
};

/** A step of a dialogue as a form to fill in (XEP-0004). */
export function stepForm(step: Step, formType?: string, title = step.title): XmlElement {
  const { instructions, link, problem } = step;
  const isLinkShown = link === undefined || instructions.includes(link);
  const text = [problem, instructions, isLinkShown ? undefined : link];
  return dataFormElement({
    type: 'form',
    ...(formType === undefined ? {} : { formType }),
    ...(title === undefined ? {} : { title }),
    instructions: text.filter((part) => part !== undefined).join('\n'),
    fields: step.fields.map(formField),
  });
}

/** What a dialogue tells at its end as a form to read. */
export function factsForm(facts: readonly Fact[], formType?: string): XmlElement {
  return dataFormElement({
    type: 'result',
    ...(formType === undefined ? {} : { formType }),
    fields: facts.map(({ name, label, values }) => ({
      name,
      type: values.length > 1 ? 'text-multi' : 'text-single',
      label,
      values: values.length > 0 ? values : [''],
    })),
  });
}

/** The page that a step sends the user to (XEP-0066). */
export function linkElement({ link, title }: Step): XmlElement | undefined {
  if (link === undefined) return undefined;
  return xml('x', NS_OOB, {}, [
    xml('url', NS_OOB, {}, [link]),
    title === undefined ? undefined : xml('desc', NS_OOB, {}, [title]),
  ]);
}

/** What stands in a field before the user writes; a secret is never shown. */
export function shownValue({ kind, value }: Field): string | undefined {
  return kind === 'secret' ? undefined : value;
}

function formField(field: Field): FormField {
  const { name, kind, label, description, options } = field;
  const value = shownValue(field);
  const isPlural = kind === 'lines' || kind === 'choices';
  const values = value === undefined || value === '' ? [] : isPlural ? value.split('\n') : [value];
  return {
    name,
    type: JID_KINDS[name] ?? KINDS[kind],
    label,
    ...(description === undefined ? {} : { description }),
    ...(field.isRequired === true ? { isRequired: true } : {}),
    values,
    ...(options === undefined ? {} : { options }),
  };
}
