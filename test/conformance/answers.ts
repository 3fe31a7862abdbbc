import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';

const NS_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** What an error says. */
export interface Refusal {
  readonly condition: string | undefined;
  /** That of the error, not of the stanza. */
  readonly type: string | undefined;
  /** The number of old (XEP-0086). */
  readonly code: string | undefined;
  readonly text: string | undefined;
}

/** `undefined` for a stanza that is no error. */
export function refusalIn(stanza: Element): Refusal | undefined {
  const error = stanza.attrs['type'] === 'error' ? child(stanza, 'error') : undefined;
  if (error === undefined) return undefined;
  const conditions = elements(error).filter(({ name, ns }) => ns === NS_ERRORS && name !== 'text');
  return {
    condition: conditions.length === 1 ? conditions[0]?.name : undefined,
    type: error.attrs['type'],
    code: error.attrs['code'],
    text: childText(error, 'text', NS_ERRORS),
  };
}

/** The condition of an error, or the type of the stanza when it is none: `result`, for instance. */
export function outcomeOf(stanza: Element): string | undefined {
  return refusalIn(stanza)?.condition ?? stanza.attrs['type'];
}
