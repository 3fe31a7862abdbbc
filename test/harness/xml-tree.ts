import { SaxesParser, type SaxesTagNS } from 'saxes';

export interface XmlNode {
  readonly name: string;
  readonly namespace: string;
  /** Keyed by name; `xml:lang` keeps its prefix, any other prefixed attribute is `{namespace}name`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlNode | string)[];
}

export const STREAMS = 'http://etherx.jabber.org/streams';

/** Builds trees out of parser events; `close` hands out the element that has just ended. */
export class XmlTreeBuilder {
  readonly #open: { node: XmlNode; children: (XmlNode | string)[] }[] = [];

  get depth(): number {
    return this.#open.length;
  }

  open(tag: SaxesTagNS): void {
    const children: (XmlNode | string)[] = [];
    this.#open.push({ node: nodeOf(tag, children), children });
  }

  text(text: string): void {
    this.#open.at(-1)?.children.push(text);
  }

  close(): XmlNode | undefined {
    const closed = this.#open.pop()?.node;
    if (closed !== undefined) this.#open.at(-1)?.children.push(closed);
    return closed;
  }
}

export function nodeOf(tag: SaxesTagNS, children: readonly (XmlNode | string)[] = []): XmlNode {
  const attributes: Record<string, string> = {};
  for (const { name, prefix, local, uri, value } of Object.values(tag.attributes)) {
    if (prefix === 'xmlns' || name === 'xmlns') continue;
    attributes[prefix === '' || prefix === 'xml' ? name : `{${uri}}${local}`] = value;
  }
  return { name: tag.local, namespace: tag.uri, attributes, children };
}

/** Parses exactly one element; the prefix `stream` is bound as it is inside a stream. */
export function parseXml(text: string, defaultNamespace = 'jabber:client'): XmlNode {
  const parser = new SaxesParser({ xmlns: true });
  const builder = new XmlTreeBuilder();
  let root: XmlNode | undefined;
  parser.on('opentag', (tag) => builder.open(tag));
  parser.on('text', (value) => builder.text(value));
  parser.on('cdata', (value) => builder.text(value));
  parser.on('closetag', () => {
    root = builder.close();
  });
  parser.on('error', (error) => {
    throw new Error(`not well-formed: ${text}`, { cause: error });
  });
  parser.write(`<literal xmlns="${defaultNamespace}" xmlns:stream="${STREAMS}">${text}</literal>`);
  parser.close();
  const [only, ...others] = root === undefined ? [] : elements(root);
  if (only === undefined || others.length > 0) throw new Error(`not one element: ${text}`);
  return only;
}

export function serialise(node: XmlNode, inheritedNamespace = ''): string {
  let head = node.name;
  if (node.namespace !== inheritedNamespace) head += ` xmlns="${escape(node.namespace)}"`;
  for (const [key, value] of Object.entries(node.attributes)) {
    const foreign = /^\{(.*)\}(.*)$/.exec(key);
    head +=
      foreign === null
        ? ` ${key}="${escape(value)}"`
        : ` xmlns:a="${escape(foreign[1] ?? '')}" a:${foreign[2]}="${escape(value)}"`;
  }
  if (node.children.length === 0) return `<${head}/>`;
  const inner = node.children.map((child) =>
    typeof child === 'string' ? escape(child) : serialise(child, node.namespace),
  );
  return `<${head}>${inner.join('')}</${node.name}>`;
}

/** Moves a stanza to another content namespace; what is wrapped in a foreign element stays. */
export function inNamespace(node: XmlNode, from: string, to: string): XmlNode {
  if (node.namespace !== from) return node;
  const children = node.children.map((child) =>
    typeof child === 'string' ? child : inNamespace(child, from, to),
  );
  return { ...node, namespace: to, children };
}

export function elements(node: XmlNode): XmlNode[] {
  return node.children.filter((child) => typeof child !== 'string');
}

export function childOf(node: XmlNode, name: string, namespace?: string): XmlNode | undefined {
  return elements(node).find(
    (child) => child.name === name && (namespace === undefined || child.namespace === namespace),
  );
}

export function textOf(node: XmlNode | undefined): string {
  return node?.children.filter((child) => typeof child === 'string').join('') ?? '';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character);
}
