import { element, type Element } from './xml-element.ts';

export const NS_CLIENT = 'jabber:client';
export const NS_STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** The answer of type result to an IQ. */
export function resultReply(request: Element, payload?: Element): Element {
  const { id, from, to } = request.attrs;
  return element('iq', NS_CLIENT, { type: 'result', id, from: to, to: from }, [payload]);
}

/** RFC 6120 §8.3: the error for a stanza, or nothing where an error must not be answered. */
export function errorReply(
  stanza: Element,
  type: 'auth' | 'cancel' | 'modify' | 'wait',
  condition: string,
  description?: string,
): Element | undefined {
  const { id, from, to } = stanza.attrs;
  if (stanza.attrs['type'] === 'error' || stanza.attrs['type'] === 'result') return undefined;
  const error = element('error', NS_CLIENT, { type }, [
    element(condition, NS_STANZA_ERRORS),
    description === undefined ? undefined : element('text', NS_STANZA_ERRORS, {}, [description]),
  ]);
  return element(stanza.name, NS_CLIENT, { type: 'error', id, from: to, to: from }, [error]);
}
