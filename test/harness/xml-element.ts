import { SaxesParser } from 'saxes';

/** An element as the stand-ins see it: prefixes are resolved, `ns` is always known. */
export interface Element {
  readonly name: string;
  readonly ns: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}

export type Node = Element | string;

export type Attributes = Readonly<Record<string, string | undefined>>;

export function element(
  name: string,
  ns: string,
  attrs: Attributes = {},
  children: readonly (Node | undefined)[] = [],
): Element {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attrs)) if (value !== undefined) kept[key] = value;
  return { name, ns, attrs: kept, children: children.filter((node) => node !== undefined) };
}

/** The same element with some attributes changed; `undefined` removes one. */
export function withAttributes(el: Element, changes: Attributes): Element {
  return element(el.name, el.ns, { ...el.attrs, ...changes }, el.children);
}

export function elements(el: Element): Element[] {
  return el.children.filter((node): node is Element => typeof node !== 'string');
}

/** The first child element of that name (and namespace, if given). */
export function child(el: Element, name: string, ns?: string): Element | undefined {
  return elements(el).find((e) => e.name === name && (ns === undefined || e.ns === ns));
}

export function text(el: Element | undefined): string {
  if (el === undefined) return '';
  return el.children.filter((node) => typeof node === 'string').join('');
}

export function childText(el: Element, name: string, ns?: string): string | undefined {
  const found = child(el, name, ns);
  return found === undefined ? undefined : text(found);
}

/** Changes every element of one namespace into another: a stanza that crosses from one kind of stream to another. */
export function renamespace(el: Element, from: string, to: string): Element {
  if (from === to) return el;
  const children = el.children.map((node) =>
    typeof node === 'string' ? node : renamespace(node, from, to),
  );
  return { ...el, ns: el.ns === from ? to : el.ns, children };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

export function escapeXml(value: string): string {
  return value.replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}

/** Writes an element; `xmlns` appears wherever the namespace differs from the one around it. */
export function serialize(el: Element, surroundingNs = ''): string {
  let out = `<${el.name}`;
  if (el.ns !== surroundingNs) out += ` xmlns='${escapeXml(el.ns)}'`;
  for (const [key, value] of Object.entries(el.attrs)) out += ` ${key}='${escapeXml(value)}'`;
  if (el.children.length === 0) return `${out}/>`;
  out += '>';
  for (const node of el.children) {
    out += typeof node === 'string' ? escapeXml(node) : serialize(node, el.ns);
  }
  return `${out}</${el.name}>`;
}

/** Parses one complete element. Text of white space only is kept: it may be somebody's message. */
export function parseXml(xml: string, surroundingNs = ''): Element {
  const builder = new ElementBuilder();
  let result: Element | undefined;
  const parser = new SaxesParser({ xmlns: true, fragment: true, additionalNamespaces: {} });
  const fail = (what: string): never => {
    throw new Error(`${what} in XML literal: ${xml}`);
  };
  parser.on('error', (error) => fail(error.message));
  parser.on('opentag', (tag) => {
    if (result !== undefined) fail('second root');
    builder.open(toElement(tag, surroundingNs));
  });
  parser.on('text', (value) => builder.text(value));
  parser.on('cdata', (value) => builder.text(value));
  parser.on('closetag', () => {
    result = builder.close();
  });
  parser.write(xml).close();
  return result ?? fail('no element');
}

interface ParsedTag {
  readonly local: string;
  readonly uri: string;
  readonly attributes: Readonly<
    Record<string, { prefix: string; local: string; uri: string; value: string }>
  >;
}

/** A start tag without its content. A prefixed attribute carries the declaration of its prefix along. */
export function toElement(tag: ParsedTag, surroundingNs = ''): Element {
  const attrs: Record<string, string> = {};
  for (const [name, { prefix, uri, value }] of Object.entries(tag.attributes)) {
    if (name === 'xmlns' || prefix === 'xmlns') continue;
    if (prefix !== '' && prefix !== 'xml') attrs[`xmlns:${prefix}`] = uri;
    attrs[name] = value;
  }
  return { name: tag.local, ns: tag.uri === '' ? surroundingNs : tag.uri, attrs, children: [] };
}

/** Puts start tags, text and end tags together; `close` gives the element once the outermost one has ended. */
export class ElementBuilder {
  #stack: { el: Element; children: Node[] }[] = [];

  get depth(): number {
    return this.#stack.length;
  }

  open(el: Element): void {
    this.#stack.push({ el, children: [] });
  }

  text(value: string): void {
    const children = this.#stack.at(-1)?.children;
    if (children === undefined) return;
    const last = children.at(-1);
    if (typeof last === 'string') children[children.length - 1] = last + value;
    else children.push(value);
  }

  close(): Element | undefined {
    const top = this.#stack.pop();
    if (top === undefined) return undefined;
    const done: Element = { ...top.el, children: top.children };
    const parent = this.#stack.at(-1);
    parent?.children.push(done);
    return parent === undefined ? done : undefined;
  }
}
