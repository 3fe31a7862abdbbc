import { textOf, VERBATIM } from './element.ts';
import type { XmlElement } from './element.ts';
import { escapeAttribute, escapeText } from './escape.ts';

/** Writes an element; its namespace is declared where it differs from that of what surrounds it. */
export function serialize(element: XmlElement, parentNamespace = ''): string {
  const { name, namespace, attributes, children } = element;
  if (name === VERBATIM) return textOf(element);
  // Added up from the left: a piece that is put together beside it would be one more string.
  let text = '<' + name;
  if (namespace !== parentNamespace) text += " xmlns='" + escapeAttribute(namespace) + "'";
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) text += ' ' + key + "='" + escapeAttribute(value) + "'";
  }
  if (children.length === 0) return text + '/>';
  text += '>';
  for (const child of children) {
    text += typeof child === 'string' ? escapeText(child) : serialize(child, namespace);
  }
  return text + '</' + name + '>';
}
