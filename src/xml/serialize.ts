import { foreignParts } from './attributes.ts';
import { VERBATIM } from './element.ts';
import type { XmlElement } from './element.ts';
import { escapeAttribute, escapeText } from './escape.ts';

/** How the most frequent tags and attributes begin: to put a name between signs makes one more string each time. */
const TAGS = begun(['message', 'presence', 'iq', 'body', 'x', 'item', 'status'], '<', '');
const END_TAGS = begun(['message', 'presence', 'iq', 'body', 'x'], '</', '>');
const ATTRIBUTES = begun(['from', 'to', 'type', 'id'], ' ', "='");

/** Writes an element; its namespace is declared where it differs from that of what surrounds it. */
export function serialize(element: XmlElement, parentNamespace = ''): string {
  return append('', element, parentNamespace);
}

/** Each piece is added to what there is by itself: pieces that are put together beside it would be more strings. */
function append(before: string, element: XmlElement, parentNamespace: string): string {
  const { name, namespace, attributes, children } = element;
  let text = before;
  if (name === VERBATIM) {
    for (const piece of children) if (typeof piece === 'string') text += piece;
    return text;
  }
  text += TAGS.get(name) ?? `<${name}`;
  if (namespace !== parentNamespace) text = `${text} xmlns='${escapeAttribute(namespace)}'`;
  let unusual = 0;
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    text += ATTRIBUTES.get(key) ?? attributeStart(key, ++unusual);
    text += escapeAttribute(value);
    text += "'";
  }
  if (children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of children) {
    if (typeof child === 'string') text += escapeText(child);
    else text = append(text, child, namespace);
  }
  return text + (END_TAGS.get(name) ?? `</${name}>`);
}

/** @param number is another one for each attribute of an element: one of a namespace gets a prefix of its own. */
function attributeStart(key: string, number: number): string {
  const foreign = foreignParts(key);
  if (foreign === undefined) return ` ${key}='`;
  const { namespace, name } = foreign;
  return ` xmlns:p${number}='${escapeAttribute(namespace)}' p${number}:${name}='`;
}

function begun(
  names: readonly string[],
  before: string,
  after: string,
): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, before + name + after]));
}
