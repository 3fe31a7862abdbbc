import { NO_ATTRIBUTES } from './attributes.ts';

/** A piece of XML content: an element or a run of text. */
export type XmlNode = XmlElement | string;

/** An XML element with its namespace resolved. Immutable; build one with {@link xml}. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  /**
   * By name; `xml:lang` as it is written, others of a namespace as `{namespace}name`. Declarations of namespaces are not
   * among them.
   */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}

/** Attributes as a caller gives them: `undefined` leaves one out. */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

/** Content as a caller gives it: `undefined` leaves it out. */
export type XmlContent = readonly (XmlNode | undefined)[];

/** Builds an element: `xml('query', NS_VERSION, {}, [xml('name', NS_VERSION, {}, ['Causeway'])])`. */
export function xml(
  name: string,
  namespace: string,
  attributes: XmlAttributes = {},
  content: XmlContent = [],
): XmlElement {
  const kept: Record<string, string> = {};
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) kept[key] = value;
  }
  return {
    name,
    namespace,
    attributes: kept,
    children: content.filter((node): node is XmlNode => node !== undefined),
  };
}

/** XML that is written as it stands; whoever makes it answers for it. Its text has to fit the namespace around it. */
export function verbatim(text: string): XmlElement {
  return { name: VERBATIM, namespace: '', attributes: NO_ATTRIBUTES, children: [text] };
}

/** The name of what {@link verbatim} makes; no element can have it. */
export const VERBATIM = '';

/** Tells whether a node is an element of this name and namespace. */
export function isElement(node: XmlNode, name: string, namespace: string): node is XmlElement {
  return typeof node !== 'string' && node.name === name && node.namespace === namespace;
}

/** The first child of this name and namespace. */
export function childOf(
  parent: XmlElement,
  name: string,
  namespace: string,
): XmlElement | undefined {
  for (const node of parent.children) if (isElement(node, name, namespace)) return node;
  return undefined;
}

/** All children of this name and namespace. */
export function childrenOf(parent: XmlElement, name: string, namespace: string): XmlElement[] {
  return parent.children.filter((node) => isElement(node, name, namespace));
}

/** All child elements, whatever they are. */
export function elementsOf(parent: XmlElement): XmlElement[] {
  return parent.children.filter((node): node is XmlElement => typeof node !== 'string');
}

/** The text directly inside an element, joined. */
export function textOf(element: XmlElement): string {
  let text = '';
  for (const node of element.children) if (typeof node === 'string') text += node;
  return text;
}

/** The text of the first child of this name and namespace; `undefined` if there is no such child. */
export function childText(parent: XmlElement, name: string, namespace: string): string | undefined {
  const child = childOf(parent, name, namespace);
  return child === undefined ? undefined : textOf(child);
}
