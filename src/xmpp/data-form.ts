import { childrenOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_DATA_FORM } from './namespaces.ts';

export interface FormField {
  readonly name: string;
  readonly type:
    | 'text-single'
    | 'text-private'
    | 'text-multi'
    | 'boolean'
    | 'list-single'
    | 'list-multi'
    | 'jid-single'
    | 'jid-multi'
    | 'hidden'
    | 'fixed';
  readonly label?: string;
  readonly description?: string;
  readonly isRequired?: boolean;
  readonly values?: readonly string[];
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

export interface DataForm {
  readonly type: 'form' | 'result' | 'submit';
  /** XEP-0068: absent when the names of the fields are nobody's standard. */
  readonly formType?: string;
  readonly title?: string;
  readonly instructions?: string;
  readonly fields: readonly FormField[];
}

export interface SubmittedForm {
  readonly type: string;
  readonly formType: string | undefined;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

const MAX_FIELDS = 200;

/** XEP-0004 §3.1. */
export function dataFormElement(form: DataForm): XmlElement {
  const text = (name: string, value: string | undefined): XmlElement | undefined =>
    value === undefined ? undefined : xml(name, NS_DATA_FORM, {}, [value]);
  return xml('x', NS_DATA_FORM, { type: form.type }, [
    text('title', form.title),
    text('instructions', form.instructions),
    form.formType === undefined
      ? undefined
      : xml('field', NS_DATA_FORM, { var: 'FORM_TYPE', type: 'hidden' }, [
          text('value', form.formType),
        ]),
    ...form.fields.map(fieldElement),
  ]);
}

function fieldElement(field: FormField): XmlElement {
  const { name, type, label } = field;
  return xml('field', NS_DATA_FORM, { var: name, type, label }, [
    field.description === undefined
      ? undefined
      : xml('desc', NS_DATA_FORM, {}, [field.description]),
    field.isRequired === true ? xml('required', NS_DATA_FORM) : undefined,
    ...(field.values ?? []).map((value) => xml('value', NS_DATA_FORM, {}, [value])),
    ...(field.options ?? []).map((option) =>
      xml('option', NS_DATA_FORM, { label: option.label }, [
        xml('value', NS_DATA_FORM, {}, [option.value]),
      ]),
    ),
  ]);
}

/** Reads a form that somebody sent. @returns `undefined` when it is none, or has fields without number. */
export function parseForm(element: XmlElement): SubmittedForm | undefined {
  const { type } = element.attributes;
  const fields = childrenOf(element, 'field', NS_DATA_FORM);
  if (type === undefined || fields.length > MAX_FIELDS) return undefined;
  const values = new Map<string, readonly string[]>();
  for (const field of fields) {
    const name = field.attributes['var'];
    if (name === undefined) continue;
    values.set(name, childrenOf(field, 'value', NS_DATA_FORM).map(textOf));
  }
  return { type, formType: values.get('FORM_TYPE')?.[0], values };
}
