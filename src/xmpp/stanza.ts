import { randomBytes } from 'node:crypto';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from './namespaces.ts';
import type { StanzaError } from './stanza-error.ts';

/**
 * Unlike that of any other run of this program, and not to be guessed. Short: V8 makes a tree of a text that is put together of
 * parts when it has 13 characters, and these are kept by the thousand.
 */
const PREFIX = randomBytes(5).toString('base64url');
let counter = 0;

/** An id for a stanza that no other of ours has. */
export function newStanzaId(): string {
  return PREFIX + (++counter).toString(36);
}

/**
 * The error answer to a stanza, without what it carried (XEP-0077 §3.3 asks for that).
 * @returns `undefined` for one that must not be answered so: an error, a result, or one without a sender
 */
export function errorReply(stanza: XmlElement, error: StanzaError): XmlElement | undefined {
  const { from, to, id, type } = stanza.attributes;
  if (type === 'error' || type === 'result' || from === undefined) return undefined;
  return xml(stanza.name, NS_CLIENT, { from: to, to: from, id, type: 'error' }, [
    error.toElement(),
  ]);
}

/** The result of an IQ; what it carries is for people who read this language. */
export function iqResult(
  iq: XmlElement,
  payload: XmlElement | undefined,
  language: string,
): XmlElement {
  const { from, to, id } = iq.attributes;
  const result = xml('iq', NS_CLIENT, { from: to, to: from, id, type: 'result' }, [payload]);
  return payload === undefined ? result : inLanguage(result, language);
}

/** RFC 6120 §8.1.5: says in which language a text of ours is, or servers say it is in theirs. */
export function inLanguage(stanza: XmlElement, language: string): XmlElement {
  return { ...stanza, attributes: { ...stanza.attributes, 'xml:lang': language } };
}
